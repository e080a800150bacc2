import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { comeFirst } from '../../../../bench/load/come-first.ts';
import { NICE_CALLS } from '../../../../frontend/lifecycle/runtimes/process-nice.ts';

test('processes come first, with the groups of their sessions where there are such', () => {
  for (const hasGroups of [true, false]) {
    const set: string[] = [];
    const calls = { ...NICE_CALLS, hasGroups: () => hasGroups, setThreads: (pid: number, nice: number) => void set.push(`${pid} ${nice}`), setGroup: (pid: number, nice: number) => void set.push(`group of ${pid} ${nice}`) };
    assert.equal(comeFirst([5, 6], -15, calls), true);
    assert.deepEqual(set, hasGroups ? ['5 -15', 'group of 5 -15', '6 -15', 'group of 6 -15'] : ['5 -15', '6 -15']);
  }
});

test('where the system does not let us it is said', () => {
  const calls = { ...NICE_CALLS, setThreads: () => { throw new Error('EACCES'); } };
  assert.equal(comeFirst([5], -15, calls), false);
});

test('a real process comes first, and whoever started it stays where he was', (t) => {
  const before = getPriority();
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  const pid = child.pid ?? 0;
  if (!comeFirst([pid], -15)) return t.skip('SKIP the right to a better priority');
  assert.equal(getPriority(pid), -15);
  const group = `/proc/${pid}/autogroup`;
  if (existsSync(group)) assert.match(readFileSync(group, 'utf8'), /nice -15$/mu);
  assert.equal(getPriority(), before);
});
