import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ReplicaDoor } from '../../../../../frontend/domain/runtime.ts';
import { LocalRuntime } from '../../../../../frontend/lifecycle/runtimes/local.ts';
import { RealClock } from '../../../../../frontend/runtime/real-clock.ts';
import { RecordingWatcher } from '../../../../support/replica-watcher.ts';
import { rogueSpec } from '../../../../support/supervised.ts';
import { RecordingMeter } from '../../../../support/recording-meter.ts';

/** A runtime whose door takes nobody in: it only hands out tokens. */
function local() {
  const stateFolder = mkdtempSync(join(tmpdir(), 'local-'));
  const clock = new RealClock();
  const closed: string[] = [];
  const lines: unknown[] = [];
  const door: ReplicaDoor = {
    address: 'unix:/nowhere',
    expect: () => ({ token: 'secret', heldBy: () => {}, connected: false, close: (why) => void closed.push(why) }),
  };
  const log = { debug: () => {}, info: (fields: object, line: string) => void lines.push([fields, line]), warn: () => {}, error: () => {} };
  const host = { node: process.execPath, builtins: { onnx: '', synthetic: '', python: '', tensorflow: '', typescript: '' }, env: process.env };
  const runtime = new LocalRuntime({ door, clock, log, meter: new RecordingMeter(), host, stateFolder });
  const watcher = new RecordingWatcher();
  const start = (...command: string[]): ReturnType<LocalRuntime['start']> =>
    runtime.start({ id: 'rogue@1/1.1', key: 'rogue@1', spec: rogueSpec({}, { container: { kind: 'command', command, cwd: '/' } }) }, watcher);
  const close = (): void => {
    assert.deepEqual([readdirSync(join(stateFolder, 'processes')), readdirSync(join(stateFolder, 'work')), clock.pending], [[], [], 0]);
    clock.close();
    rmSync(stateFolder, { recursive: true });
  };
  return { runtime, start, watcher, closed, lines, stateFolder, close };
}

test('a process gets its token by the pipe alone, and its output comes out as lines of the replica', async () => {
  const { start, watcher, lines, closed, close } = local();
  start('node', '-e', `console.log(require('node:fs').readFileSync(3, 'utf8') === 'secret' && !JSON.stringify(process.env).includes('secret'))`);
  await watcher.until('ended: exited with code 0');
  assert.deepEqual(lines, [[{ model: 'rogue', version: 1, replica: 'rogue@1/1.1' }, 'true']]);
  assert.deepEqual(closed, ['its process has ended']);
  close();
});

test('it is recorded while it runs, and killing it ends the whole of it, once', async () => {
  const { start, watcher, stateFolder, close } = local();
  const run = start('node', '-e', 'setInterval(() => {}, 1000)');
  assert.deepEqual(readdirSync(join(stateFolder, 'processes')), ['rogue@1_1.1.json']);
  assert.ok(run.pid);
  run.kill('enough');
  run.kill('enough');
  await watcher.until('ended: killed by SIGKILL');
  run.kill('again');
  assert.equal(watcher.told.length, 1);
  close();
});

test('a program that is not there is one clear sentence', async () => {
  const { start, watcher, stateFolder, runtime } = local();
  start('no-such-program');
  await watcher.until('ended: there is no program "no-such-program" that can be run');
  await runtime.reap();
  writeFileSync(join(stateFolder, 'work'), 'in the way');
  start('node', '-e', '0');
  assert.match(await watcher.until(/could not be started/), /^ended: it could not be started: .*work/);
  rmSync(stateFolder, { recursive: true });
  assert.equal(existsSync(stateFolder), false);
});
