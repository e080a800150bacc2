import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { BrokerProcess, isRunning, until } from '../support/broker-process.ts';
import { SteadyLoad } from '../support/steady-load.ts';

const SLO_MS = 30_000;
const config = (options: string, more = ''): string => `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value }, options: ${options}, batching: { max_batch: 8 } }
apps:
  - { name: m, arms: [m], slo_ms: ${SLO_MS} }
${more}`;

test('SIGTERM under load: not ready at once, what was accepted is answered, nothing is left, exit 0', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: config('{ per_batch_ms: 20 }') })).ready();
  const load = new SteadyLoad({ url: broker.url, app: 'm', connections: 16, sloMs: SLO_MS, input: (n) => [n, 1], expected: (n) => n + 1 });
  await load.answers(50);
  // Each connection has a query under way, and asks no more: a client that asks again may find that it was closed meanwhile.
  const stopped = load.stop();
  broker.signal('SIGTERM');
  const { kinds, broken, wrong, sent, answered } = await stopped;
  assert.deepEqual(await broker.ended, { code: 0, signal: null });
  assert.deepEqual([wrong, broken, sent - answered], [[], [], 0]);
  for (const kind of Object.keys(kinds)) assert.match(kind, /^(200 model|503 draining)$/u);
  assert.deepEqual(broker.pids.filter(isRunning), []);
  assert.equal(broker.log.find(({ msg }) => msg === 'stopped')?.['lost'], 0);
  assert.deepEqual(broker.log.filter(({ level }) => level > 30), []);
});

test('a stop takes no longer than drain_ms allows, whatever a model does: those that wait are answered', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: config('{ per_batch_ms: 600000 }', 'drain_ms: 300\n') })).ready();
  const load = new SteadyLoad({ url: broker.url, app: 'm', connections: 4, sloMs: SLO_MS, input: (n) => [n], expected: (n) => n });
  await until('under way', async () => await broker.metric('tradewind_open_queries') === 4);
  broker.signal('SIGTERM');
  const report = await load.closed();
  assert.deepEqual(await broker.ended, { code: 0, signal: null });
  assert.deepEqual(report.wrong, []);
  assert.deepEqual(broker.pids.filter(isRunning), []);
});

test('a connection on which nothing was asked does not hold up a stop', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: config('{}', 'drain_ms: 600000\n') })).ready();
  const idle = connect(Number(new URL(broker.url).port), '127.0.0.1');
  t.after(() => idle.destroy());
  await once(idle, 'connect');
  // An answer on another connection: the broker has seen this one by then.
  await broker.readiness();
  broker.signal('SIGTERM');
  await until('stopped', () => broker.log.some(({ msg }) => msg === 'stopped'));
  assert.deepEqual(await broker.ended, { code: 0, signal: null });
});

test('a second signal ends the broker at once, and its containers with it', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: config('{ per_batch_ms: 600000 }', 'drain_ms: 600000\n') })).ready();
  const load = new SteadyLoad({ url: broker.url, app: 'm', connections: 4, sloMs: SLO_MS, input: (n) => [n], expected: (n) => n });
  await until('under way', async () => await broker.metric('tradewind_open_queries') === 4);
  broker.signal('SIGTERM');
  await until('draining', () => broker.log.some(({ msg }) => msg === 'draining'));
  broker.signal('SIGINT');
  assert.deepEqual(await broker.ended, { code: 1, signal: null });
  await until('nobody left', () => !broker.pids.some(isRunning));
  await load.closed();
});

test('SIGTERM while containers still start ends them too', async (t) => {
  const broker = await BrokerProcess.start(t, { yaml: config('{ start_ms: 600000 }') });
  await until('started', async () => (await broker.replicas()).some(({ pid }) => pid !== undefined && isRunning(pid)));
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  assert.deepEqual(broker.pids.filter(isRunning), []);
});
