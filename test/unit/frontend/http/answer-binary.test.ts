import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswerRow, OutputTensor } from '../../../../frontend/domain/answer.ts';
import { answerBinary } from '../../../../frontend/http/answer-binary.ts';
import type { Given } from '../../../../frontend/http/answer-json.ts';

function given(rows: readonly AnswerRow[], more: Partial<Given> = {}): Given {
  return { slot: 0, latencyMicros: 1500, decisionId: 'id', ok: true, source: 'model', model: 'm', version: 2, rows, ...more };
}
function tensor(values: readonly number[], more: Partial<OutputTensor> = {}): OutputTensor {
  const bytes = Buffer.concat([Buffer.alloc(8), Buffer.from(new Float32Array(values).buffer)]);
  return { name: 'p', dtype: 'float32', shape: [values.length], slab: { index: 0, bytes }, offset: 8, lengthBytes: values.length * 4, ...more };
}
function row(...tensors: OutputTensor[]): AnswerRow {
  return { source: 'model', output: { kind: 'tensors', tensors } };
}

test('one row: its elements, the rest in headers', () => {
  const binary = answerBinary(given([{ ...row(tensor([1, 2])), confidence: 0.5 }], { missing: ['a', 'b'] }), false);
  assert.deepEqual(binary?.bytes, Buffer.from(new Float32Array([1, 2]).buffer));
  assert.deepEqual(binary?.headers, [
    'tradewind-dtype', 'float32', 'tradewind-shape', '2', 'tradewind-source', 'model', 'tradewind-decision-id', 'id', 'tradewind-model', 'm',
    'tradewind-version', '2', 'tradewind-confidence', '0.5', 'tradewind-latency-ms', '1.5', 'tradewind-missing', 'a,b',
  ]);
});

test('many rows lie one after another under a batch axis', () => {
  const binary = answerBinary(given([row(tensor([1, 2])), row(tensor([3, 4]))]), true);
  assert.deepEqual(binary?.bytes, Buffer.from(new Float32Array([1, 2, 3, 4]).buffer));
  assert.equal(binary?.headers[3], '2,2');
});

test('an answer that is out of the cache as a whole says so', () => {
  const cached = { ...row(tensor([1])), cached: true as const };
  assert.ok(answerBinary(given([cached, cached]), true)?.headers.includes('tradewind-cached'));
  assert.ok(answerBinary(given([cached, row(tensor([1]))]), true)?.headers.includes('tradewind-cached') === false);
});

test('integers go as int64, values as float64', () => {
  const labels = answerBinary(given([{ source: 'model', output: { kind: 'label', label: -7 } }]), false);
  assert.deepEqual([labels?.bytes, labels?.headers[1], labels?.headers[3]], [Buffer.from(new BigInt64Array([-7n]).buffer), 'int64', '']);
  const values = answerBinary(given([{ source: 'model', output: { kind: 'value', value: 0.1 } }]), true);
  assert.deepEqual([values?.bytes, values?.headers[1], values?.headers[3]], [Buffer.from(new Float64Array([0.1]).buffer), 'float64', '1']);
});

test('what has no binary form has none', () => {
  const withoutForm: readonly (readonly AnswerRow[])[] = [
    [],
    [row(tensor([1]), tensor([2], { name: 'q' }))],
    [row(tensor([1])), row(tensor([1, 2]))],
    [row(tensor([1])), row(tensor([1], { dtype: 'int32' }))],
    [row(tensor([1], { dtype: 'bytes' }))],
    [{ source: 'model', output: { kind: 'label', label: 'seven' } }],
    [{ source: 'model', output: { kind: 'label', label: 1.5 } }],
    [{ source: 'default', output: { kind: 'json', json: -1 } }],
    [row(tensor([1])), { source: 'default', output: { kind: 'json', json: -1 } }],
    [{ source: 'model', output: { kind: 'label', label: 1 } }, { source: 'model', output: { kind: 'value', value: 1 } }],
  ];
  for (const rows of withoutForm) assert.equal(answerBinary(given(rows), true), undefined);
});
