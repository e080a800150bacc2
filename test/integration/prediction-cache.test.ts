import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerProcess } from '../support/broker-process.ts';

const YAML = `
models:
  - { name: sum, version: 1, container: synthetic, options: { per_batch_ms: 30 }, input: { dtype: float32, shape: [4] }, output: { kind: value }, cache: { enabled: true } }
  - { name: plain, version: 1, container: synthetic, input: { dtype: float32, shape: [4] }, output: { kind: value } }
apps:
  - { name: sums, arms: [sum], slo_ms: 5000 }
  - { name: plains, arms: [plain], slo_ms: 5000 }
`;

test('a broker answers equal inputs from its cache, asks once for equal ones that come together, and forgets with the version', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  const ask = async (app: string, body: object) => (await broker.predict(app, body)).json as { cached?: boolean; output?: number; outputs?: number[]; rows?: object[]; source: string; version: number; decision_id: string };
  const cache = async () => (await (await fetch(`${broker.url}/admin/cache`)).json()) as { entries: number; pending: number; bytes: number; models: object[] };

  const input = [1, 2, 3, 4];
  const first = await ask('sums', { input });
  const second = await ask('sums', { input });
  assert.deepEqual([first.output, first.cached, second.output, second.cached, second.source], [10, undefined, 10, true, 'model']);
  assert.notEqual(first.decision_id, second.decision_id);
  assert.equal((await ask('sums', { input, version: 1 })).cached, true);

  const together = await Promise.all(Array.from({ length: 8 }, () => ask('sums', { input: [5, 5, 5, 5] })));
  assert.deepEqual(together.map(({ output }) => output), new Array(8).fill(20));
  assert.equal(await broker.metric('tradewind_batch_rows_sum', { model: 'sum' }), 2);
  assert.equal(await broker.metric('tradewind_cache_rows_total', { model: 'sum', outcome: 'miss' }), 2);

  const mixed = await ask('sums', { inputs: [input, [0, 0, 0, 7]] });
  assert.deepEqual([mixed.outputs, mixed.cached, mixed.rows], [[10, 7], undefined, [{ source: 'model', cached: true }, { source: 'model' }]]);

  await ask('plains', { input });
  assert.equal((await ask('plains', { input })).cached, undefined);
  const held = await cache();
  assert.deepEqual([held.entries, held.pending, held.models.length], [3, 0, 1]);
  assert.equal(await broker.metric('tradewind_cache_entries'), 3);

  await broker.admin('models/sum/versions/2', { container: 'synthetic', input: { dtype: 'float32', shape: [4] }, output: { kind: 'value' }, cache: { enabled: true, ttl_ms: 60000 } });
  await broker.ready();
  const renewed = await ask('sums', { input });
  assert.deepEqual([renewed.version, renewed.cached], [2, undefined]);
  assert.equal((await ask('sums', { input, version: 1 })).cached, true);
  await broker.admin('models/sum/versions/1');
  assert.deepEqual([(await cache()).entries, (await ask('sums', { input })).cached], [1, true]);

  await broker.admin('cache');
  assert.deepEqual([(await cache()).entries, (await ask('sums', { input })).cached], [0, undefined]);
  assert.equal((await broker.stop()).code, 0);
});
