import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BrokerProcess, type Answered, until } from '../support/broker-process.ts';

const DEMO = new URL('../../deploy/demo/', import.meta.url);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** A busy machine must not turn an answer into a default here. */
const PATIENT_MS = 30_000;

const card = JSON.parse(readFileSync(new URL('models.json', DEMO), 'utf8')) as { heldout: number; models: { name: string; version: number; correct: number; accuracy: number }[] };
const { rows, labels } = JSON.parse(readFileSync(new URL('heldout.json', DEMO), 'utf8')) as { rows: number[][]; labels: number[] };

const broker = await (await BrokerProcess.start({ after }, { configFile: fileURLToPath(new URL('tradewind.yaml', DEMO)) })).ready();

test("the README's curl is answered by a model, with all that it promises", async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const call = /^curl -s localhost:8000\/v1\/apps\/digits\/predict .*$/mu.exec(readme)?.[0];
  assert.ok(call);
  const paste = (): Answered => JSON.parse(execFileSync('sh', ['-c', call.replace('localhost:8000', broker.url)], { cwd: ROOT, encoding: 'utf8' })) as Answered;
  // The objective is the demo's own: on a machine that is still busy with starting five models the default is right too.
  const answer = await until('answered by a model', () => {
    const one = paste();
    assert.equal(one.output, one.source === 'model' ? 0 : -1);
    return one.source === 'model' && one;
  });
  const example = JSON.parse(/^\{"decision_id":.*\}$/mu.exec(readme)?.[0] ?? '') as Answered;
  assert.deepEqual(Object.keys(answer), Object.keys(example));
  assert.deepEqual([answer.output, answer.version], [example.output, example.version]);
  assert.ok(card.models.some(({ name }) => name === answer.model), 'whichever of the five the app chose');
});

for (const { name, version, correct } of card.models) {
  test(`${name} has the accuracy of its card: ${correct} of ${card.heldout} held-out rows`, async () => {
    const whole = await broker.predict(name, { inputs: rows, slo_ms: PATIENT_MS });
    assert.equal(whole.status, 200);
    assert.deepEqual([whole.json.source, whole.json.model, whole.json.version], ['model', name, version]);
    assert.deepEqual([...new Set(whole.json.rows?.map(({ source }) => source))], ['model']);
    const outputs = whole.json.outputs ?? [];
    assert.equal(outputs.length, card.heldout);
    assert.equal(outputs.filter((output, i) => output === labels[i]).length, correct);
    // What a row comes to does not depend on its company.
    const single = await Promise.all(rows.slice(0, 64).map((input) => broker.predict(name, { input, slo_ms: PATIENT_MS })));
    assert.deepEqual(single.map(({ json }) => json.output), outputs.slice(0, 64));
    assert.equal(new Set(single.map(({ json }) => json.decision_id)).size, 64);
  });
}

test('binary in and out says what JSON says', async () => {
  const some = rows.slice(0, 100);
  const reply = await fetch(`${broker.url}/v1/apps/digits-mlp/predict?slo_ms=${PATIENT_MS}`, {
    method: 'POST', body: Float32Array.from(some.flat()),
    headers: { 'content-type': 'application/octet-stream', 'accept': 'application/octet-stream', 'tradewind-dtype': 'float32', 'tradewind-shape': '100,64' },
  });
  assert.equal(reply.status, 200);
  assert.deepEqual([reply.headers.get('content-type'), reply.headers.get('tradewind-source'), reply.headers.get('tradewind-model')], ['application/octet-stream', 'model', 'digits-mlp']);
  const bytes = await reply.arrayBuffer();
  const dtype = reply.headers.get('tradewind-dtype');
  const answered = dtype === 'int64' ? [...new BigInt64Array(bytes)].map(Number) : [...new Float64Array(bytes)];
  const { json } = await broker.predict('digits-mlp', { inputs: some, slo_ms: PATIENT_MS });
  assert.deepEqual(answered, json.outputs);
});

test('several at once, over several apps: everybody gets his own', async () => {
  const asked = Array.from({ length: 200 }, (_, i) => ({ app: card.models[i % card.models.length]?.name ?? '', input: rows[i] }));
  const together = await Promise.all(asked.map(({ app, input }) => broker.predict(app, { input, slo_ms: PATIENT_MS })));
  assert.deepEqual(together.map(({ json }) => json.model), asked.map(({ app }) => app));
  const alone: unknown[] = [];
  for (const { app, input } of asked) alone.push((await broker.predict(app, { input, slo_ms: PATIENT_MS })).json.output);
  assert.deepEqual(together.map(({ json }) => json.output), alone);
});

test('bad input is refused with its own code and place, and disturbs nobody', async () => {
  for (const [body, status, code] of [
    [{ input: rows[0]?.slice(1) }, 400, 'wrong_shape'],
    [{ inputs: [] }, 400, 'empty_inputs'],
    [{ input: rows[0], slo_ms: -1 }, 400, 'invalid_slo'],
    [{ input: rows[0]?.map(String) }, 400, 'wrong_dtype'],
    [{}, 400, 'missing_input'],
  ] as const) {
    const refused = await broker.predict('digits', body);
    assert.deepEqual([refused.status, refused.json.error?.code], [status, code]);
  }
  assert.equal((await broker.predict('__proto__', { input: rows[0] })).json.error?.code, 'unknown_app');
  assert.equal((await broker.predict('digits', { input: rows[0], slo_ms: PATIENT_MS })).json.source, 'model');
});

test('the broker ends as it should, with no warning in its log', async () => {
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  assert.deepEqual(broker.log.filter(({ level }) => level !== 30), []);
});
