import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BrokerProcess, isRunning, until } from '../support/broker-process.ts';
import { batchOf, infer, pairQuery } from '../support/batches.ts';
import { requirePart } from '../support/requirements.ts';
import { SteadyLoad } from '../support/steady-load.ts';
import { assertSettled } from '../support/settled.ts';
import { Supervised, rogueSpec } from '../support/supervised.ts';

const SLO_MS = 30_000;
const YAML = `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value }, replicas: 2 }
apps:
  - { name: m, arms: [m], slo_ms: ${SLO_MS}, on_miss: wait }
`;
const setpriv = requirePart('setpriv') ?? false;

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

async function pidsOf(broker: BrokerProcess): Promise<number[]> {
  return (await broker.replicas()).flatMap(({ pid, state }) => (pid === undefined || state !== 'ready' ? [] : [pid]));
}

/** The launcher of the replicas that are ready, all of one. */
async function launcherOf(broker: BrokerProcess): Promise<number> {
  const [launcher, ...others] = new Set((await pidsOf(broker)).map(parentOf));
  assert.ok(launcher !== undefined && others.length === 0);
  assert.match(readFileSync(`/proc/${launcher}/cmdline`, 'latin1'), /launcher\/main\.ts\0$/u);
  return launcher;
}

function assertNothingLeft(broker: BrokerProcess): void {
  for (const folder of ['processes', 'work', 'containers']) {
    const path = join(broker.folder, 'state', folder);
    assert.deepEqual(existsSync(path) ? readdirSync(path) : [], [], folder);
  }
}

test('kill -9 of the launcher under load: its containers end and say why, another one starts them again, and every query is answered', { skip: setpriv }, async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  await until('two', async () => (await pidsOf(broker)).length === 2);
  const [launcher, before] = [await launcherOf(broker), await pidsOf(broker)];
  assert.equal(parentOf(launcher), broker.pid);
  const connections = 4;
  const load = new SteadyLoad({ url: broker.url, app: 'm', connections, sloMs: SLO_MS, input: (n) => [n, 1], expected: (n) => n + 1 });
  await load.answers(50);
  process.kill(launcher, 'SIGKILL');
  await until('nobody of before', () => !before.some(isRunning));
  await until('two others', async () => (await pidsOf(broker)).filter((pid) => !before.includes(pid)).length === 2);
  await load.answers(50);
  const report = await load.stop();
  // What was sent to one of the two, and again to the other before that was gone too, has died twice.
  assertSettled(report, /^(200 model|503 replica_failed)$/u);
  assert.ok((report.kinds['503 replica_failed'] ?? 0) <= connections, JSON.stringify(report.kinds));
  const replicas = await broker.replicas();
  assert.deepEqual(replicas.map(({ deaths }) => deaths), [1, 1]);
  // Where the broker comes late to it, it has seen them gone before it hears of their launcher.
  for (const { lastDeath } of replicas) assert.match(lastDeath?.reason ?? '', /killed (?:with its launcher \(it was killed by SIGKILL\)|by SIGKILL)$/u);
  assert.notEqual(await launcherOf(broker), launcher);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  assert.equal(broker.log.filter(({ level, msg }) => level === 50 && /launcher.* is lost: it was killed by SIGKILL/u.test(msg)).length, 1);
  assert.deepEqual(broker.pids.filter(isRunning), []);
  assertNothingLeft(broker);
});

test('a stopped launcher: what runs serves on, what is to start says so after a while and is started by another, and a stop waits for nobody', async () => {
  const world = await Supervised.open({ backoffFirstMicros: 1_000_000, backoffLastMicros: 1_000_000 }, undefined, { launcherPatienceMs: 2000 });
  world.apply(rogueSpec({}, { replicas: 2 }));
  await world.ready(2);
  const [launcher = 0] = world.launchers.pids;
  const pids = (): number[] => world.status.replicas.flatMap(({ pid, state }) => (pid === undefined || state !== 'ready' ? [] : [pid]));
  const before = pids();
  process.kill(launcher, 'SIGSTOP');
  world.apply(rogueSpec({}, { replicas: 3 }));
  const death = await world.until(() => world.status.replicas[2]?.lastDeath);
  assert.deepEqual([death.cause, death.reason], ['not_started', 'it could not be started: the launcher has not answered for 2000 ms']);
  const links = await world.ready(3);
  assert.deepEqual(pids().slice(0, 2), before);
  for (const link of links) assert.equal((await infer(link, batchOf(pairQuery(1)))).rows.size, 1);
  // One that dies under a launcher that cannot say so.
  const [one = 0, other = 0] = before;
  process.kill(one, 'SIGKILL');
  await world.until(() => pids().length === 3 && !pids().includes(one));
  assert.ok(pids().includes(other) && isRunning(launcher));
  const all = [...before, ...pids(), ...world.launchers.pids];
  assert.deepEqual(await world.close(), []);
  assert.deepEqual(all.filter(isRunning), []);
});
