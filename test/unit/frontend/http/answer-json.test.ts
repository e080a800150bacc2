import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswerRow, OutputTensor } from '../../../../frontend/domain/answer.ts';
import { answerJson, type Given, outputJson } from '../../../../frontend/http/answer-json.ts';

const LABEL: AnswerRow = { source: 'model', output: { kind: 'label', label: 3 } };

function given(rows: readonly AnswerRow[], more: Partial<Given> = {}): Given {
  return { slot: 0, latencyMicros: 1234, decisionId: 'abc.def', ok: true, source: 'model', model: 'digits-mlp', version: 3, rows, ...more };
}

function floats(name: string, ...values: number[]): OutputTensor {
  const bytes = Buffer.from(new Float32Array(values).buffer);
  return { name, dtype: 'float32', shape: [values.length], slab: { index: 0, bytes }, offset: 0, lengthBytes: bytes.length };
}

test('one row of a model: keys in the order of the API', () => {
  assert.equal(
    answerJson(given([{ ...LABEL, confidence: Math.fround(0.98) }]), false),
    '{"decision_id":"abc.def","output":3,"model":"digits-mlp","version":3,"source":"model","confidence":0.98,"latency_ms":1.234}',
  );
});

test('a default says why, in a code and in words', () => {
  const row: AnswerRow = { source: 'default', reason: 'slo_unreachable', output: { kind: 'json', json: { a: [null] } } };
  const answer: Given = { slot: 0, latencyMicros: 20, ok: true, source: 'default', rows: [row], reason: 'slo_unreachable', reasonText: 'p99 is "12 ms"' };
  assert.equal(answerJson(answer, false), '{"output":{"a":[null]},"source":"default","reason":"slo_unreachable","reason_text":"p99 is \\"12 ms\\"","latency_ms":0.02}');
});

test('many rows: outputs in order; rows are told apart only where they differ', () => {
  const other: AnswerRow = { source: 'default', reason: 'row_failed', output: { kind: 'json', json: -1 } };
  assert.equal(answerJson(given([LABEL, LABEL]), true), '{"decision_id":"abc.def","outputs":[3,3],"model":"digits-mlp","version":3,"source":"model","latency_ms":1.234}');
  assert.equal(
    answerJson(given([{ ...LABEL, confidence: 0.5 }, other], { source: 'default', reason: 'row_failed' }), true),
    '{"decision_id":"abc.def","outputs":[3,-1],"rows":[{"source":"model","confidence":0.5},{"source":"default","reason":"row_failed"}],"model":"digits-mlp","version":3,"source":"default","reason":"row_failed","latency_ms":1.234}',
  );
  assert.equal(answerJson(given([LABEL]), true), '{"decision_id":"abc.def","outputs":[3],"model":"digits-mlp","version":3,"source":"model","latency_ms":1.234}');
});

test('answers out of the cache say so: at the top where all rows are, in `rows` where they differ', () => {
  const cached: AnswerRow = { ...LABEL, cached: true };
  assert.equal(answerJson(given([cached]), false), '{"decision_id":"abc.def","output":3,"model":"digits-mlp","version":3,"source":"model","cached":true,"latency_ms":1.234}');
  assert.equal(answerJson(given([cached, cached]), true), '{"decision_id":"abc.def","outputs":[3,3],"model":"digits-mlp","version":3,"source":"model","cached":true,"latency_ms":1.234}');
  assert.equal(
    answerJson(given([cached, LABEL]), true),
    '{"decision_id":"abc.def","outputs":[3,3],"rows":[{"source":"model","cached":true},{"source":"model"}],"model":"digits-mlp","version":3,"source":"model","latency_ms":1.234}',
  );
  assert.match(answerJson(given([{ ...cached, confidence: 0.5 }, { ...cached, confidence: 0.25 }]), true), /"source":"model","cached":true,"latency_ms"/);
});

test('partial ensembles say who is missing, and explanations come last', () => {
  assert.match(answerJson(given([LABEL], { missing: ['a', 'b@2'], explanation: { pmf: [1] } }), false), /"latency_ms":1\.234,"missing":\["a","b@2"\],"explanation":\{"pmf":\[1\]\}\}$/);
});

test('milliseconds have at most three decimals', () => {
  for (const micros of [0, 1, 10, 999, 1001, 123_456, 9_007_199_254_740]) {
    const { latency_ms: ms } = JSON.parse(answerJson(given([LABEL], { latencyMicros: micros }), false)) as { latency_ms: number };
    assert.equal(Math.round(ms * 1000), micros);
    assert.match(answerJson(given([LABEL], { latencyMicros: micros }), false), /"latency_ms":\d+(\.\d{1,3})?\}$/);
  }
});

test('outputs of each kind', () => {
  assert.equal(outputJson({ kind: 'label', label: 'größe "x"' }), '"größe \\"x\\""');
  assert.equal(outputJson({ kind: 'value', value: 0.1 }), '0.1');
  assert.equal(outputJson({ kind: 'value', value: Math.fround(0.1), dtype: 'float32' }), '0.1');
  assert.equal(outputJson({ kind: 'value', value: Number.NaN }), 'null');
  assert.equal(outputJson({ kind: 'json', json: undefined }), 'null');
  assert.equal(outputJson({ kind: 'tensors', tensors: [floats('p', 0.25, 0.75)] }), '[0.25,0.75]');
  assert.equal(outputJson({ kind: 'tensors', tensors: [floats('p', 1), floats('__proto__', 2)] }), '{"p":[1],"__proto__":[2]}');
  assert.equal(outputJson({ kind: 'tensors', tensors: [] }), '{}');
});

test('an answer without rows is a fault of ours', () => {
  assert.throws(() => answerJson(given([]), false), /slot 0/);
});
