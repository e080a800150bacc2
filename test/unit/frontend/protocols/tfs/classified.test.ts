import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswerRow, OutputTensor } from '../../../../../frontend/domain/answer.ts';
import type { ServedOutputs } from '../../../../../frontend/domain/served.ts';
import { classesOf, readRows, regressionOf } from '../../../../../frontend/protocols/tfs/classified.ts';
import { rawOutputs } from '../../../../support/tfs-world.ts';

function tensor(name: string, values: Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array, dtype: OutputTensor['dtype']): OutputTensor {
  return { name, dtype, shape: [values.length], slab: { index: 0, bytes: new Uint8Array(values.buffer) }, offset: 0, lengthBytes: values.byteLength };
}
function row(...tensors: OutputTensor[]): AnswerRow {
  return { source: 'model', output: { kind: 'tensors', tensors } };
}
const scores = tensor('p', Float32Array.of(0.25, 0.75), 'float32');
const named: ServedOutputs = { ...rawOutputs('probabilities', { name: 'p', dtype: 'float32', shape: [2] }), classNames: ['cat', 'dog'] };

test('scores become classes by name or number, logits probabilities', () => {
  assert.deepEqual(classesOf(row(scores), named), [{ label: 'cat', score: 0.25 }, { label: 'dog', score: 0.75 }]);
  assert.deepEqual(classesOf(row(scores), rawOutputs('probabilities')), [{ label: '0', score: 0.25 }, { label: '1', score: 0.75 }]);
  assert.deepEqual(classesOf(row(tensor('l', Float64Array.of(1000, 1000), 'float64')), rawOutputs('logits')), [{ label: '0', score: 0.5 }, { label: '1', score: 0.5 }]);
});

test('a label is one class, with its confidence where there is one', () => {
  assert.deepEqual(classesOf({ source: 'model', output: { kind: 'label', label: 7 }, confidence: 0.9 }, undefined), [{ label: '7', score: 0.9 }]);
  assert.deepEqual(classesOf({ source: 'default', output: { kind: 'json', json: -1 } }, undefined), [{ label: '-1', score: 1 }]);
  assert.deepEqual(classesOf({ source: 'default', output: { kind: 'json', json: [0.5, 0.5] } }, named), [{ label: 'cat', score: 0.5 }, { label: 'dog', score: 0.5 }]);
  const labels: ServedOutputs = { ...rawOutputs('label'), classNames: ['cat', 'dog'] };
  assert.deepEqual(classesOf(row(tensor('l', BigInt64Array.of(1n), 'int64')), labels), [{ label: 'dog', score: 1 }]);
  assert.deepEqual(classesOf(row(tensor('l', Uint8Array.of(2, 0, 0, 0, 0x6f, 0x78), 'bytes')), rawOutputs('label')), [{ label: 'ox', score: 1 }]);
});

test('of several outputs the one that the configuration names', () => {
  const both = row(tensor('label', BigInt64Array.of(1n), 'int64'), scores);
  assert.equal(typeof classesOf(both, { kind: 'raw', tensors: [], model: { kind: 'probabilities' } }), 'string');
  assert.deepEqual(classesOf(both, { kind: 'raw', tensors: [], model: { kind: 'probabilities', name: 'p' } }), [{ label: '0', score: 0.25 }, { label: '1', score: 0.75 }]);
});

test('one number is a regression', () => {
  assert.equal(regressionOf({ source: 'model', output: { kind: 'value', value: 2.5 } }, undefined), 2.5);
  assert.equal(regressionOf({ source: 'default', output: { kind: 'json', json: 3 } }, undefined), 3);
  assert.equal(regressionOf(row(tensor('y', Int32Array.of(-4), 'int32')), rawOutputs('value')), -4);
});

test('what is neither is said in words', () => {
  for (const output of [{ kind: 'value' as const, value: 1 }, { kind: 'json' as const, json: {} }]) assert.equal(typeof classesOf({ source: 'model', output }, undefined), 'string');
  for (const output of [{ kind: 'label' as const, label: 'x' }, { kind: 'json' as const, json: 'x' }]) assert.equal(typeof regressionOf({ source: 'model', output }, undefined), 'string');
  assert.equal(typeof regressionOf(row(scores), rawOutputs('value')), 'string');
  assert.equal(typeof classesOf(row(tensor('p', Uint8Array.of(1, 0), 'float16')), rawOutputs('probabilities')), 'string');
});

test('the first row that is none says so for all', () => {
  const head = { slot: 0, latencyMicros: 1, ok: true as const, source: 'model' as const };
  const good: AnswerRow = { source: 'model', output: { kind: 'value', value: 1 } };
  assert.deepEqual(readRows({ ...head, rows: [good, good] }, undefined, regressionOf), [1, 1]);
  assert.equal(typeof readRows({ ...head, rows: [good, { source: 'model', output: { kind: 'label', label: 'x' } }] }, undefined, regressionOf), 'string');
});
