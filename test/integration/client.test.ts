import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClient, TradewindError } from '../../frontend/client/client.ts';
import { BrokerProcess } from '../support/broker-process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = new URL('../../frontend/client/', import.meta.url);
const yaml = `
models:
  - { name: sums, version: 1, container: synthetic, input: { dtype: float32, shape: [3] }, options: { input: { dtype: float32, shape: [3] } }, output: { kind: value } }
  - { name: absent, version: 1, container: synthetic, replicas: 0, input: { dtype: float32, shape: [1] }, output: { kind: value } }
apps:
  - { name: sums, arms: [sums], on_miss: wait, feedback: { value_min: 0, value_max: 10 } }
  - { name: absent, arms: [absent] }
`;

const broker = await (await BrokerProcess.start({ after }, { yaml })).ready();

test('rows as JSON and as bytes, one and many, pinned and explained', async () => {
  const client = createClient({ url: broker.url, sloMs: 30_000 });
  const one = await client.predict<number>('sums', { input: [1, 2, 3], context: { user: 'ann' }, explain: true });
  assert.deepEqual([one.output, one.source, one.model, one.version], [6, 'model', 'sums', 1]);
  assert.equal(typeof one.explanation, 'object');
  assert.equal((await client.predict('sums', { input: Float32Array.of(4, 5, 6), model: 'sums', version: 1, context: { user: 'b&b' } })).output, 15);
  assert.deepEqual((await client.predict('sums', { inputs: [[1, 1, 1], [2, 2, 2]] })).outputs, [3, 6]);
  assert.deepEqual((await client.predict('sums', { inputs: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] })).outputs, [6, 15]);
});

test('feedback: a reward, a value, a repeat, a list of which some are refused', async () => {
  const client = createClient({ url: broker.url, sloMs: 30_000 });
  const [a, b] = [await client.predict('sums', { input: [1, 2, 3] }), await client.predict('sums', { input: [1, 2, 3] })];
  assert.deepEqual(await client.feedback({ decision_id: a.decision_id, reward: 1 }), { verdict: 'accepted' });
  assert.deepEqual(await client.feedback({ decision_id: a.decision_id, reward: 1 }), { verdict: 'repeated' });
  const many = await client.feedback([{ decision_id: b.decision_id, value: 5 }, { decision_id: b.decision_id, value: 50, id: 'x' }]);
  assert.deepEqual(many.map(({ verdict, error }) => [verdict, error?.code, error?.retryable]), [['accepted', undefined, undefined], ['refused', 'invalid_reward', false]]);
});

test('refusals come as errors of the table, and only what may succeed later is tried again', async () => {
  const asked: number[] = [];
  const client = createClient({ url: broker.url, fetch: async (...call) => { asked.push(1); return fetch(...call); }, retries: 2, sleep: async () => {} });
  await assert.rejects(client.predict('nowhere', { input: 1 }), (error) => error instanceof TradewindError && error.code === 'unknown_app' && error.status === 404 && !error.retryable && error.requestId !== undefined);
  await assert.rejects(client.predict('sums', { input: [1] }), { code: 'wrong_shape', path: 'input' });
  assert.equal(asked.length, 2);
  await assert.rejects(client.predict('absent', { input: [1] }), { code: 'no_replica', status: 503, retryable: true, retryAfterMs: 1000 });
  assert.equal(asked.length, 5);
});

test('an abort reaches the broker', async () => {
  const control = new AbortController();
  const client = createClient({ url: broker.url });
  const asked = client.predict('sums', { input: [1, 2, 3] }, { signal: control.signal });
  control.abort(new Error('enough'));
  await assert.rejects(asked, /enough/u);
});

test('it is for browsers too: it passes a type check without Node, and imports only itself', () => {
  const files = readdirSync(FOLDER);
  for (const file of files) for (const [, from] of readFileSync(new URL(file, FOLDER), 'utf8').matchAll(/from '([^']+)'/gu)) assert.match(from ?? '', /^\.\/[\w-]+\.ts$/u, file);
  const said = execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit', '--strict', '--ignoreConfig', '--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2023', '--lib', 'es2023,dom', '--types', '', '--allowImportingTsExtensions', 'frontend/client/client.ts'], { cwd: ROOT, encoding: 'utf8' });
  assert.equal(said, '');
});
