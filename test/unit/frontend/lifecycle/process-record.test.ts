import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RealClock } from '../../../../frontend/runtime/real-clock.ts';
import { forgetProcess, killGroup, reapLeftovers, recordProcess } from '../../../../frontend/lifecycle/process-record.ts';

const folder = mkdtempSync(join(tmpdir(), 'records-'));
const clock = new RealClock();
test.after(() => {
  clock.close();
  rmSync(folder, { recursive: true });
});

async function sleeper(env: Record<string, string> = {}): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore', env });
  await once(child, 'spawn');
  return child as ChildProcess & { pid: number };
}

test('a recorded process is killed, and its record is gone', async () => {
  const child = await sleeper();
  recordProcess(folder, 'm@1_1.1', child.pid, 'unix:/s');
  const exit = once(child, 'exit');
  assert.deepEqual(await reapLeftovers(folder, clock), [child.pid]);
  assert.equal((await exit)[1], 'SIGKILL');
  assert.deepEqual(readdirSync(folder), []);
});

test('a process that has the pid by chance is left alone, and so is one that was forgotten', async () => {
  const child = await sleeper();
  recordProcess(folder, 'a', child.pid, 'unix:/s');
  const record = JSON.parse(readFileSync(join(folder, 'a.json'), 'utf8')) as object;
  writeFileSync(join(folder, 'a.json'), JSON.stringify({ ...record, startTicks: '1' }));
  recordProcess(folder, 'b', child.pid, 'unix:/s');
  forgetProcess(folder, 'b');
  writeFileSync(join(folder, 'broken.json'), '{');
  assert.deepEqual(await reapLeftovers(folder, clock), []);
  assert.equal(child.exitCode, null);
  killGroup(child.pid);
  await once(child, 'exit');
  killGroup(child.pid);
  recordProcess(folder, 'c', child.pid, 'unix:/s');
  assert.deepEqual(readdirSync(folder), []);
});

test('without a folder there is nothing to reap', async () => {
  assert.deepEqual(await reapLeftovers(join(folder, 'none'), clock), []);
});
