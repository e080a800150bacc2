import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ReplicaDoor } from '../../../../../frontend/domain/runtime.ts';
import { Launchers } from '../../../../../frontend/lifecycle/runtimes/launcher/launchers.ts';
import { LocalRuntime } from '../../../../../frontend/lifecycle/runtimes/local.ts';
import { OutputListener } from '../../../../../frontend/rpc/output-listener.ts';
import { RealClock } from '../../../../../frontend/runtime/real-clock.ts';
import { RecordingWatcher } from '../../../../support/replica-watcher.ts';
import { rogueSpec } from '../../../../support/supervised.ts';
import { RecordingMeter } from '../../../../support/recording-meter.ts';

/** A runtime whose door takes nobody in: it only hands out tokens. */
async function local(t: TestContext) {
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
  const launchers = new Launchers({ clock, log, host });
  const outputs = await OutputListener.open({ folder: join(stateFolder, 'containers'), clock });
  const runtime = new LocalRuntime({ door, outputs, launchers, clock, log, meter: new RecordingMeter(), host, stateFolder });
  const watcher = new RecordingWatcher();
  const start = (...command: string[]): ReturnType<LocalRuntime['start']> =>
    runtime.start({ id: 'rogue@1/1.1', key: 'rogue@1', spec: rogueSpec({}, { container: { kind: 'command', command, cwd: '/' } }) }, watcher);
  t.after(async () => {
    await Promise.all([launchers.close(), outputs.close()]);
    assert.deepEqual([readdirSync(join(stateFolder, 'processes')), readdirSync(join(stateFolder, 'work')), clock.pending], [[], [], 0]);
    clock.close();
    rmSync(stateFolder, { recursive: true });
  });
  return { runtime, launchers, start, watcher, closed, lines, stateFolder };
}

test('a process gets its token by the pipe alone, and its output comes out as lines of the replica', async (t) => {
  const { start, watcher, lines, closed } = await local(t);
  start('node', '-e', `console.log(require('node:fs').readFileSync(3, 'utf8') === 'secret' && !JSON.stringify(process.env).includes('secret'))`);
  await watcher.until('ended: exited with code 0');
  assert.deepEqual(lines, [[{ model: 'rogue', version: 1, replica: 'rogue@1/1.1' }, 'true']]);
  assert.deepEqual(closed, ['its process has ended']);
});

test('it is recorded while it runs, and killing it ends the whole of it, once', async (t) => {
  const { start, watcher, stateFolder } = await local(t);
  const run = start('node', '-e', 'setInterval(() => {}, 1000)');
  assert.deepEqual(readdirSync(join(stateFolder, 'processes')), ['rogue@1_1.1.json']);
  assert.equal(run.pid(), undefined, 'it is started by somebody else');
  assert.equal(await watcher.untilStarted(), run.pid());
  run.kill('enough');
  run.kill('enough');
  await watcher.until('ended: killed by SIGKILL');
  run.kill('again');
  assert.equal(watcher.told.length, 1);
});

test('one that is killed before it runs dies as soon as it does', async (t) => {
  const { start, watcher, closed } = await local(t);
  const run = start('node', '-e', 'setInterval(() => {}, 1000)');
  run.kill('not wanted any more');
  assert.equal(closed[0], 'not wanted any more');
  await watcher.until('ended: killed by SIGKILL');
});

test('a container has its streams, its token and nothing else of anybody, and waits where they are full', async (t) => {
  const { start, watcher, lines } = await local(t);
  // The flags of its descriptors say whether they block: O_NONBLOCK is 04000 (open(2)).
  start('sh', '-c', 'ls -m /proc/$$/fd; for fd in 1 2 3; do grep flags /proc/$$/fdinfo/$fd; done; echo an error >&2');
  await watcher.until('ended: exited with code 0');
  const said = lines.map((line) => (line as [unknown, string])[1]);
  // Whoever runs the tests may have left some of its own open, far up.
  const [open = '', ...rest] = said.toSorted((a, b) => a.localeCompare(b));
  assert.deepEqual(open.split(', ').map(Number).filter((fd) => fd < 16).toSorted((a, b) => a - b), [0, 1, 2, 3]);
  assert.deepEqual(rest, ['an error', 'flags:  02', 'flags:  02', 'flags:  02']);
});

test('a program that is not there is one clear sentence', async (t) => {
  const { start, watcher, stateFolder, runtime } = await local(t);
  start('no-such-program');
  await watcher.until('ended: there is no program "no-such-program" that can be run');
  await runtime.reap();
  assert.equal(existsSync(join(stateFolder, 'work')), false);
  writeFileSync(join(stateFolder, 'work'), 'in the way');
  start('node', '-e', '0');
  assert.match(await watcher.until(/could not be started/), /^ended: it could not be started: .*work/);
  rmSync(join(stateFolder, 'work'));
  for (const folder of ['work', 'processes']) mkdirSync(join(stateFolder, folder));
});

test('what the system refuses is its own words', async (t) => {
  const { start, watcher } = await local(t);
  start('node', '-e', '0', 'x'.repeat(200_000));
  assert.match(await watcher.until(/could not be started/), /^ended: it could not be started: spawn E2BIG$/);
});
