import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { residentBytes } from '../../../../../frontend/lifecycle/runtimes/process-memory.ts';

test('a process counts with what it started, and what those started', (t) => {
  const proc = mkdtempSync(join(tmpdir(), 'proc-'));
  t.after(() => rmSync(proc, { recursive: true }));
  const put = (pid: number, pages: number, children: string): void => {
    mkdirSync(join(proc, `${pid}/task/${pid}`), { recursive: true });
    writeFileSync(join(proc, `${pid}/statm`), `9999 ${pages} 3 4 0 5 0\n`);
    writeFileSync(join(proc, `${pid}/task/${pid}/children`), children);
  };
  put(10, 100, '11 12 ');
  put(11, 10, '13 ');
  put(12, 1, '99 ');
  put(13, 1000, '');
  assert.equal(residentBytes(10, proc), 1111 * 4096);
  assert.equal(residentBytes(98, proc), undefined);
});

test('of this process it is what the system says', () => {
  const said = residentBytes(process.pid) ?? 0;
  assert.ok(said > 10_000_000, String(said));
});
