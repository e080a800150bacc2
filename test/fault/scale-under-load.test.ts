import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { processTree } from '../../bench/operations/held.ts';
import { BrokerProcess, isRunning, until } from '../support/broker-process.ts';
import { assertCounted, assertSettled } from '../support/settled.ts';
import { SteadyLoad } from '../support/steady-load.ts';

const SLO_MS = 30_000;
/** Connections that this test's own HTTP client may have opened meanwhile. The six replicas that went had five descriptors each. */
const POOL = 4;
/** What is written by the clock and not by a step: the rings of the history once a minute, SQLite's own beside its file. */
const BY_THE_CLOCK = /^history(\/|$)|sqlite-(wal|shm)$/u;
const YAML = `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value }, options: { per_batch_ms: 2 }, batching: { max_batch: 8 } }
apps:
  - { name: m, arms: [m], slo_ms: ${SLO_MS} }
`;

/** What a broker holds on to: the processes below it, its open files, and the files of its state folder. */
function held(broker: BrokerProcess): { processes: number; descriptors: number; files: readonly string[] } {
  const files = readdirSync(join(broker.folder, 'state'), { recursive: true }).map(String)
    // One replica has one record and one folder, whatever its number.
    .map((name) => name.replace(/m@1_\d+\.\d+/u, 'replica')).filter((name) => !BY_THE_CLOCK.test(name));
  const processes = processTree(broker.pid).length;
  return { processes, descriptors: readdirSync(`/proc/${broker.pid}/fd`).length, files: files.toSorted((a, b) => a.localeCompare(b)) };
}

test('1 to 4 to 1 replicas under load, twice: no query fails, and processes, sockets and files are as they were', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  const load = new SteadyLoad({ url: broker.url, app: 'm', connections: 16, sloMs: SLO_MS, input: (n) => [n, 1], expected: (n) => n + 1 });
  const scale = async (replicas: number): Promise<void> => {
    await broker.admin('models/m/versions/1/replicas', { replicas });
    await until(`${replicas} replicas`, async () => {
      const all = await broker.replicas();
      return all.length === replicas && all.every(({ state }) => state === 'ready');
    });
  };
  await load.answers(50);
  const before = held(broker);
  for (let round = 0; round < 2; round++) {
    await scale(4);
    await load.answers(100);
    await scale(1);
    await load.answers(100);
  }
  await until('given back', () => {
    const { processes, descriptors } = held(broker);
    return processes === before.processes && descriptors <= before.descriptors + POOL;
  });
  assert.deepEqual(held(broker).files, before.files);
  const report = await load.stop();
  assertSettled(report, /^200 model$/u);
  await assertCounted(broker, 'm', report.kinds);
  assert.equal(await broker.metric('tradewind_replica_deaths_total'), 0);
  assert.equal(broker.pids.filter(isRunning).length, 1);
  assert.deepEqual(broker.log.filter(({ level }) => level > 30), []);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  assert.deepEqual(broker.pids.filter(isRunning), []);
});

test('scaled to none and back: queries say why, readyz does not count what is not wanted, and one replica serves again', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  await broker.admin('models/m/versions/1/replicas', { replicas: 0 });
  await until('none', async () => (await broker.replicas()).length === 0);
  assert.equal((await broker.readiness()).status, 200);
  const { status, json } = await broker.predict('m', { input: [1] });
  assert.deepEqual([status, json.error?.code], [503, 'no_replica']);
  await broker.admin('models/m/versions/1/replicas', { replicas: 1 });
  await until('one', async () => (await broker.replicas()).some(({ state }) => state === 'ready'));
  assert.equal((await broker.predict('m', { input: [1, 2] })).json.output, 3);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});
