import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findOnPath } from '../../frontend/lifecycle/container-command.ts';
import { isRunning } from '../../frontend/lifecycle/process-record.ts';
import { until } from '../support/broker-process.ts';
import { batchOf, infer, pairQuery } from '../support/batches.ts';
import { Supervised, rogueSpec } from '../support/supervised.ts';

const SCRIPT = fileURLToPath(new URL('../support/hung-broker.ts', import.meta.url));

async function untilGone(pids: readonly number[]): Promise<void> {
  await until('gone', () => !pids.some(isRunning));
}

/** Starts a broker whose replicas are up, one of them hung, and kills it with -9, after its launcher was stopped where that is asked for. */
async function killedBroker(folder: string, path: string, { stopLauncher = false } = {}): Promise<{ readonly pids: readonly number[]; readonly launcher: number }> {
  const broker = spawn(process.execPath, [SCRIPT, folder], { env: { PATH: path }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: broker.stdout }), 'line')) as [string];
  const { pids, launchers } = JSON.parse(line) as { pids: number[]; launchers: number[] };
  const [launcher] = launchers;
  assert.ok(launcher !== undefined && launchers.length === 1);
  assert.equal(pids.length, 2);
  assert.ok([...pids, launcher].every(isRunning));
  if (stopLauncher) process.kill(launcher, 'SIGSTOP');
  broker.kill('SIGKILL');
  await once(broker, 'exit');
  return { pids, launcher };
}

const setpriv = findOnPath('setpriv', process.env['PATH'] ?? '') !== undefined;

test('kill -9 of the broker leaves no container behind, not even one that hangs, nor its launcher, not even one that is stopped', { skip: !setpriv }, async () => {
  for (const stopLauncher of [false, true]) {
    const folder = mkdtempSync(join(tmpdir(), 'orphans-'));
    const { pids, launcher } = await killedBroker(folder, process.env['PATH'] ?? '', { stopLauncher });
    await untilGone([...pids, launcher]);
    rmSync(folder, { recursive: true });
  }
});

test('where the kernel does not mind them the launcher kills its containers when the broker is gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orphans-'));
  const { pids, launcher } = await killedBroker(folder, '');
  await untilGone([...pids, launcher]);
  rmSync(folder, { recursive: true });
});

test('what outlived a broker all the same is killed by the next one, and its files are gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orphans-'));
  const { pids, launcher } = await killedBroker(folder, '', { stopLauncher: true });
  // The one that hangs neither sees its connection end nor has a kernel or a launcher that minds.
  assert.ok(pids.some(isRunning));
  const world = await Supervised.open({}, folder);
  assert.deepEqual(pids.filter(isRunning), []);
  assert.deepEqual(readdirSync(join(folder, 'processes')), []);
  process.kill(launcher, 'SIGCONT');
  await untilGone([launcher]);
  world.apply(rogueSpec());
  assert.equal((await infer(await world.link(), batchOf(pairQuery(1)))).rows.size, 1);
  rmSync(join(folder, 'trigger'));
  assert.deepEqual(await world.close(), []);
});

test('a container that is killed with -9 comes back', async () => {
  const world = await Supervised.open();
  world.apply(rogueSpec());
  const link = await world.link();
  const { pid } = world.status.replicas[0] ?? {};
  assert.ok(pid);
  process.kill(pid, 'SIGKILL');
  await world.until(() => world.gone[0]);
  const next = await world.link();
  assert.notEqual(next.id, link.id);
  const [replica] = world.status.replicas;
  assert.equal(replica?.deaths, 1);
  assert.match(replica?.reason ?? '', /killed by SIGKILL$/);
  assert.deepEqual(await world.close(), []);
});

test('what a container starts ends with it', async () => {
  const world = await Supervised.open();
  const child = `const { spawn } = require('node:child_process'); const grandchild = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']); console.log('grandchild', grandchild.pid); grandchild.on('spawn', () => setImmediate(() => process.exit(5)));`;
  world.apply(rogueSpec({}, { container: { kind: 'command', command: ['node', '-e', child], cwd: '/' } }));
  const line = await world.until(() => world.status.replicas[0]?.output.find((one) => one.startsWith('grandchild')));
  await world.until(() => world.status.replicas[0]?.deaths);
  await untilGone([Number(line.split(' ')[1])]);
  assert.deepEqual(await world.close(), []);
});

test('a container sees a clean environment and a folder of its own', async () => {
  const world = await Supervised.open();
  const program = `console.log(JSON.stringify({ names: Object.keys(process.env).sort(), cwd: process.cwd(), token: require('node:fs').readFileSync(3, 'utf8').length, path: process.env.PATH.split(':')[0] })); setInterval(() => {}, 1000)`;
  world.apply(rogueSpec({}, { container: { kind: 'command', command: ['node', '-e', program], cwd: '/' } }));
  const line = await world.until(() => world.status.replicas[0]?.output[0]);
  const seen = JSON.parse(line) as { names: string[]; cwd: string; token: number; path: string };
  assert.deepEqual(seen.names.filter((name) => !['HOME', 'LANG', 'TZ'].includes(name)), [
    'PATH', 'TRADEWIND_CONNECT', 'TRADEWIND_MODEL', 'TRADEWIND_OPTIONS', 'TRADEWIND_OWNED', 'TRADEWIND_TOKEN_FD', 'TRADEWIND_VERSION',
  ]);
  assert.equal(seen.cwd, join(world.folder, 'work', 'rogue@1_1.1'));
  assert.equal(seen.token, 43);
  assert.equal(seen.path, join(process.execPath, '..'));
  assert.deepEqual(await world.close(), []);
});
