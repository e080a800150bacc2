import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Check } from 'typebox/value';
import { answerJson } from '../../../../frontend/http/answer-json.ts';
import { PREDICT_ROUTE, PredictAnswerSchema, PredictBodySchema } from '../../../../frontend/http/predict-schema.ts';
import { parseJson, refusal, targetFor } from '../../../support/parse-body.ts';

const target = targetFor([{ name: 'x', dtype: 'float32', shape: [2] }], { sloMinMs: 0.001, sloMaxMs: 1e300 });

test('schema and parser come to the same verdict on everything beside the tensors', () => {
  const bodies: readonly unknown[] = [
    { input: [1, 2] }, { inputs: [[1, 2], [3, 4]] }, { input: [1, 2], slo_ms: 20 }, { input: [1, 2], slo_ms: 0.5 }, { input: [1, 2], context: {} },
    { input: [1, 2], context: { user: 'a', deep: [{}] } }, { input: [1, 2], model: 'digits-mlp' }, { input: [1, 2], version: 3 }, { input: [1, 2], version: 'stable' },
    { input: [1, 2], explain: false }, { inputs: [[1, 2]], slo_ms: 1, context: {}, model: 'm', version: 1, explain: true },
    {}, [], 1, 'input', null, { input: [1, 2], inputs: [[1, 2]] }, { inputs: [] }, { inputs: 3 }, { inputs: {} }, { input: [1, 2], slo_ms: 0 }, { input: [1, 2], slo_ms: -1 },
    { input: [1, 2], slo_ms: 'fast' }, { input: [1, 2], slo_ms: null }, { input: [1, 2], context: [] }, { input: [1, 2], context: 'a' }, { input: [1, 2], context: null },
    { input: [1, 2], model: 'UPPER' }, { input: [1, 2], model: '' }, { input: [1, 2], model: 1 }, { input: [1, 2], version: 0 }, { input: [1, 2], version: 1.5 },
    { input: [1, 2], version: '3' }, { input: [1, 2], version: '' }, { input: [1, 2], version: 2 ** 53 }, { input: [1, 2], explain: 'yes' }, { input: [1, 2], other: 1 },
    JSON.parse('{"input":[1,2],"__proto__":1}'),
  ];
  let accepted = 0;
  for (const body of bodies) {
    const text = JSON.stringify(body);
    const verdict = refusal(parseJson(target, text));
    const parsed = parseJson(target, text).ok;
    refusal(parseJson(target, text));
    assert.equal(Check(PredictBodySchema, body), parsed, `${text}: ${verdict}`);
    if (parsed) accepted++;
  }
  assert.equal(accepted, 11);
});

test('answers fit the schema', () => {
  const row = { source: 'model', output: { kind: 'label', label: 3 }, confidence: 0.5 } as const;
  const miss = { source: 'default', reason: 'no_replica', output: { kind: 'json', json: -1 } } as const;
  const base = { slot: 0, latencyMicros: 1, ok: true } as const;
  for (const [answer, many] of [
    [{ ...base, source: 'model', model: 'm', version: 1, decisionId: 'd', rows: [row] }, false],
    [{ ...base, source: 'default', reason: 'no_replica', reasonText: 'x', decisionId: 'd', rows: [row, miss], missing: ['a'], explanation: { why: 1 } }, true],
  ] as const) assert.equal(Check(PredictAnswerSchema, JSON.parse(answerJson(answer, many))), true);
  assert.equal(Check(PredictAnswerSchema, { decision_id: 'd', source: 'oracle', latency_ms: 1 }), false);
  assert.equal(Check(PredictAnswerSchema, { source: 'model', latency_ms: 1 }), false, 'every answer has a receipt');
});

test('the path names its parameter', () => {
  assert.deepEqual(PREDICT_ROUTE.parameters?.filter((parameter) => parameter.in === 'path').map(({ name }) => name), ['app']);
});
