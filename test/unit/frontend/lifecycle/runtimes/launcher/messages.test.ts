import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseReport } from '../../../../../../frontend/lifecycle/runtimes/launcher/messages.ts';

test('reports are what they say, and nothing more', () => {
  const reports = [
    { kind: 'started', id: 1, pid: 7 }, { kind: 'failed', id: 2, why: 'spawn EAGAIN' },
    { kind: 'exited', id: 3, code: 0, signal: null }, { kind: 'exited', id: 4, code: null, signal: 'SIGKILL' },
  ];
  for (const report of reports) assert.deepEqual(parseReport({ ...report, more: 1 }), report);
});

test('what is no report is none', () => {
  const others = [undefined, null, 'started', {}, { kind: 'started', id: '1', pid: 7 }, { kind: 'started', id: 1 }, { kind: 'started', id: 1, pid: 0 }, { kind: 'failed', id: 1 }, { kind: 'exited', id: 1, code: '0', signal: null }, { kind: 'paused', id: 1 }];
  for (const other of others) assert.equal(parseReport(other), undefined, JSON.stringify(other));
});
