import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { SteadyLoad, type LoadReport } from '../support/steady-load.ts';

const SLO_MS = 30_000;
const config = (replicas: number, app = '', options = ''): string => `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value }, replicas: ${replicas}, options: { per_batch_ms: 2${options} }, batching: { max_batch: 8 } }
apps:
  - { name: m, arms: [m], slo_ms: ${SLO_MS}, slo_max_ms: 60000${app} }
`;

const loadOn = (broker: BrokerProcess, sloMs = SLO_MS): SteadyLoad => new SteadyLoad({
  url: broker.url, app: 'm', connections: 16, sloMs, input: (n) => [n, 1], expected: (n) => n + 1,
});

/** Every query was answered once, and no answer was another's. */
function assertSettled({ sent, answered, broken, wrong }: LoadReport): void {
  assert.deepEqual([broken, wrong, sent - answered], [[], [], 0]);
}

/** Kills one replica that is at work, and waits until its place is taken. */
async function killOne(broker: BrokerProcess): Promise<number> {
  const [replica] = (await broker.replicas()).filter(({ state }) => state === 'ready');
  assert.ok(replica?.pid);
  process.kill(replica.pid, 'SIGKILL');
  const { pid } = replica;
  await until('replaced', async () => (await broker.replicas()).every((one) => one.state === 'ready' && one.pid !== pid));
  return pid;
}

test('kill -9 of replicas, one after another, among four under load: every query is answered by a model', async (t) => {
  const broker = await BrokerProcess.start(t, { yaml: config(4) });
  await until('four ready', async () => (await broker.replicas()).filter(({ state }) => state === 'ready').length === 4);
  const load = loadOn(broker);
  await load.answers(50);
  const killed: number[] = [];
  for (let i = 0; i < 3; i++) {
    killed.push(await killOne(broker));
    await load.answers(50);
  }
  const report = await load.stop();
  assertSettled(report);
  assert.deepEqual(Object.keys(report.kinds), ['200 model']);
  assert.equal(await broker.metric('tradewind_replica_deaths_total', { model: 'm' }), 3);
  assert.equal(await broker.metric('tradewind_requests_total', { app: 'm', source: 'model' }), report.answered);
  assert.equal(await broker.metric('tradewind_open_queries'), 0);
  await until('told of each', () => broker.log.filter(({ level, msg }) => level === 40 && /replica died: .*killed by SIGKILL/u.test(msg)).length === killed.length);
  assert.equal((await broker.readiness()).status, 200);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

for (const [onMiss, app, kind] of [
  ['default', ', default: -1', /^200 (model|default (no_replica|replica_failed|infeasible|expired_in_queue|deadline_exceeded))$/u],
  ['error', ', on_miss: error', /^(200 model|503 (no_replica|replica_failed|infeasible)|504 (expired_in_queue|deadline_exceeded))$/u],
] as const) {
  test(`kill -9 of the only replica under load, on_miss ${onMiss}: each query is answered once, misses say why, and it comes back`, async (t) => {
    // It takes its time to come back: long enough to be asked for meanwhile, by a test that stands still for a while too.
    const broker = await (await BrokerProcess.start(t, { yaml: config(1, app, ', start_ms: 2500') })).ready();
    const load = loadOn(broker);
    await load.answers(50);
    const [replica] = await broker.replicas();
    assert.ok(replica?.pid);
    process.kill(replica.pid, 'SIGKILL');
    await until('unready', async () => {
      const { status, missing } = await broker.readiness();
      return status === 503 && missing.includes('m@1');
    });
    const { status, json } = await broker.predict('m', { input: [1] });
    assert.deepEqual([status, json.source, json.reason ?? json.error?.code], onMiss === 'default' ? [200, 'default', 'no_replica'] : [503, undefined, 'no_replica']);
    await broker.ready();
    // The load goes on throughout: what waited is answered by the new replica, and so is what comes.
    await load.kind('200 model', 50);
    const report = await load.stop();
    assertSettled(report);
    for (const one of Object.keys(report.kinds)) assert.match(one, kind);
    const missed = new Map(Object.entries(report.kinds).filter(([one]) => one !== '200 model').map(([one, count]) => [one.split(' ').at(-1) ?? '', count]));
    missed.set('no_replica', (missed.get('no_replica') ?? 0) + 1);
    for (const [reason, count] of missed) assert.equal(await broker.metric('tradewind_requests_total', { app: 'm', source: onMiss, reason }), count, reason);
    assert.equal(await broker.metric('tradewind_requests_total', { app: 'm', source: 'model' }), report.kinds['200 model']);
    await until('told of it', () => broker.log.some(({ level, msg }) => level === 40 && /replica died: .*killed by SIGKILL/u.test(msg)));
    assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  });
}

test('on_miss wait: a query waits for the replica that takes the place of the killed one', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: config(1, ', on_miss: wait') })).ready();
  const load = loadOn(broker);
  await load.answers(50);
  await killOne(broker);
  await load.kind('200 model', 50);
  const report = await load.stop();
  assertSettled(report);
  for (const one of Object.keys(report.kinds)) assert.match(one, /^(200 model|503 replica_failed)$/u);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});
