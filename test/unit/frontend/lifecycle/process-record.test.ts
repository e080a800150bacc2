import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RealClock } from '../../../../frontend/runtime/real-clock.ts';
import { forgetProcess, killGroup, isRunning, reapLeftovers, recordProcess, recordStart } from '../../../../frontend/lifecycle/process-record.ts';

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

/** As the runtime does it: first that it is to be started, then which one it is. */
function remember(name: string, pid: number): void {
  recordStart(folder, name, 'unix:/s');
  recordProcess(folder, name, pid, 'unix:/s');
}

test('a recorded process is killed, and its record is gone', async () => {
  const child = await sleeper();
  remember('m@1_1.1', child.pid);
  const exit = once(child, 'exit');
  assert.deepEqual(await reapLeftovers(folder, clock), [child.pid]);
  assert.equal((await exit)[1], 'SIGKILL');
  assert.deepEqual(readdirSync(folder), []);
});

test('a process that has the pid by chance is left alone, and so is one that was forgotten', async () => {
  const child = await sleeper();
  remember('a', child.pid);
  const record = JSON.parse(readFileSync(join(folder, 'a.json'), 'utf8')) as object;
  writeFileSync(join(folder, 'a.json'), JSON.stringify({ ...record, startTicks: '1' }));
  remember('b', child.pid);
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

test('where the broker died before it knew the process, whoever was told its socket is killed, and nobody else', async () => {
  const told = await sleeper({ TRADEWIND_CONNECT: 'unix:/s' });
  const other = await sleeper({ TRADEWIND_CONNECT: 'unix:/s2' });
  recordStart(folder, 'm@1_1.1', 'unix:/s');
  recordProcess(folder, 'm@1_1.1', 2 ** 22 + 1, 'unix:/s');
  const exit = once(told, 'exit');
  assert.deepEqual(await reapLeftovers(folder, clock), [told.pid]);
  assert.equal((await exit)[1], 'SIGKILL');
  assert.deepEqual([isRunning(told.pid), isRunning(other.pid), readdirSync(folder)], [false, true, []]);
  killGroup(other.pid);
  await once(other, 'exit');
});

test('what cannot be recorded leaves the record as it was', () => {
  recordStart(folder, 'full', 'unix:/s');
  mkdirSync(join(folder, 'full.json.new'));
  assert.throws(() => recordProcess(folder, 'full', process.pid, 'unix:/s'), /EISDIR/);
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'full.json'), 'utf8')), { connect: 'unix:/s' });
  rmSync(join(folder, 'full.json.new'), { recursive: true });
  forgetProcess(folder, 'full');
});

test('without a folder there is nothing to reap', async () => {
  assert.deepEqual(await reapLeftovers(join(folder, 'none'), clock), []);
});
