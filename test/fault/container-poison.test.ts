import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { assertSettled } from '../support/settled.ts';
import { SteadyLoad } from '../support/steady-load.ts';

const SLO_MS = 30_000;

const config = (options: string): string => `
models:
  - { name: bad, version: 1, container: synthetic, output: { kind: value }, replicas: 2, options: { per_batch_ms: 1, ${options} }, batching: { max_batch: 4 } }
apps:
  - { name: bad, arms: [bad], slo_ms: ${SLO_MS}, default: -1 }
`;

const loadOn = (broker: BrokerProcess): SteadyLoad => new SteadyLoad({
  url: broker.url, app: 'bad', connections: 8, sloMs: SLO_MS, input: (n) => [n, 1], expected: (n) => n + 1,
});

test('a row that kills replicas is found out and refused; the rows beside it are answered', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: config('poison: -13') })).ready();
  const load = loadOn(broker);
  await load.answers(20);
  const first = await broker.predict('bad', { input: [-13, 0], slo_ms: SLO_MS });
  assert.deepEqual([first.status, first.json.source, first.json.output], [200, 'default', -1]);
  assert.match(first.json.reason ?? '', /^(replica_failed|poison)$/u);
  // Seen alone it dies once more, and from then on nobody dies of it.
  await until('refused', async () => (await broker.predict('bad', { input: [-13, 0], slo_ms: SLO_MS })).json.reason === 'poison');
  const deaths = await broker.metric('tradewind_replica_deaths_total', { model: 'bad' });
  for (let i = 0; i < 5; i++) assert.equal((await broker.predict('bad', { input: [-13, 0], slo_ms: SLO_MS })).json.reason, 'poison');
  assert.equal(await broker.metric('tradewind_replica_deaths_total', { model: 'bad' }), deaths);
  await load.kind('200 model', 20);
  const report = await load.stop();
  // While both replicas are away those who come have none. Of the four rows of the batch that it came in first, one may
  // have stood in its half, and gone down with it; after that it was alone.
  assertSettled(report, /^200 (model|default (no_replica|replica_failed))$/u);
  assert.ok((report.kinds['200 default replica_failed'] ?? 0) <= 1);
  await broker.ready();
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

test('copies of such a row that come together are refused as soon as one has shown what it is; those beside them are answered', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: config('poison: -13') })).ready();
  for (let n = 0; n < 20; n++) assert.equal((await broker.predict('bad', { input: [n, 1], slo_ms: SLO_MS })).json.source, 'model');
  // In one request, that all of them have come before the first replica dies: who comes while none is there has none.
  const inputs = Array.from({ length: 60 }, (_, n) => [n % 10 === 9 ? n : -13, 0]);
  const { json } = await broker.predict('bad', { inputs, slo_ms: SLO_MS });
  const asked = (json.rows ?? []).map(({ source, reason }, n) => ({ isGood: inputs[n]?.[0] !== -13, said: reason ?? source }));
  assert.equal(asked.length, inputs.length);
  const bad = asked.filter(({ isGood }) => !isGood).map(({ said }) => said);
  assert.deepEqual(bad.filter((said) => said !== 'poison' && said !== 'replica_failed'), []);
  assert.ok(bad.filter((said) => said === 'poison').length >= 40, bad.join(', '));
  // One may have been in a half with the first of them.
  assert.ok(asked.filter(({ isGood, said }) => isGood && said === 'model').length >= 4);
  assert.ok(await broker.metric('tradewind_replica_deaths_total', { model: 'bad' }) <= 5, 'two batches, two halves, one alone');
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

test('a row with an error of its own fails alone, in a request of many too', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: config('row_error: -7') })).ready();
  const { status, json } = await broker.predict('bad', { inputs: [[1, 1], [-7, 0], [2, 2]], slo_ms: SLO_MS });
  assert.equal(status, 200);
  assert.deepEqual([json.source, json.outputs], ['default', [2, -1, 4]]);
  assert.deepEqual(json.rows?.map(({ source, reason }) => [source, reason]), [['model', undefined], ['default', 'row_failed'], ['model', undefined]]);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});
