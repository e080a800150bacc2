import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswerRow, OutputValue } from '../../../../frontend/domain/answer.ts';
import type { ServedOutputs } from '../../../../frontend/domain/served.ts';
import { answerTensors, texts } from '../../../../frontend/protocols/answer-tensors.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';

const row = (output: OutputValue): AnswerRow => ({ source: 'model', output });
const LABEL: ServedOutputs = { kind: 'label', tensors: [{ name: 'label', dtype: 'int64', shape: [] }] };
const NAMED: ServedOutputs = { kind: 'label', tensors: [{ name: 'label', dtype: 'bytes', shape: [] }] };
const SCORES: ServedOutputs = { kind: 'probabilities', tensors: [{ name: 'probabilities', dtype: 'float32', shape: [2] }] };

function seen(rows: readonly AnswerRow[], outputs: ServedOutputs | undefined): unknown {
  const tensors = answerTensors(rows, outputs);
  if (typeof tensors === 'string') return tensors;
  return tensors.map(({ name, dtype, shape, bytes, write }) => {
    const data = new Uint8Array(bytes + 1);
    write(data, 1);
    return [name, dtype, shape, Buffer.from(data.subarray(1)).toString('hex')];
  });
}

test('labels and values are one number a row, words are text', () => {
  assert.deepEqual(seen([row({ kind: 'label', label: 7 }), row({ kind: 'json', json: -1 })], LABEL), [['label', 'int64', [2], '0700000000000000ffffffffffffffff']]);
  const wide = [2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 32, -(2 ** 32) - 1];
  assert.deepEqual(seen(wide.map((label) => row({ kind: 'label', label })), LABEL), [['label', 'int64', [4], Buffer.from(BigInt64Array.from(wide, BigInt).buffer).toString('hex')]]);
  assert.deepEqual(seen([row({ kind: 'value', value: 0.5 })], { kind: 'value', tensors: [{ name: 'value', dtype: 'float64', shape: [] }] }), [['value', 'float64', [1], '000000000000e03f']]);
  assert.deepEqual(seen([row({ kind: 'value', value: 2 })], { kind: 'value', tensors: [{ name: 'value', dtype: 'float64', shape: [] }] }), [['value', 'float64', [1], '0000000000000040']]);
  assert.deepEqual(seen([row({ kind: 'label', label: 'é' }), row({ kind: 'json', json: 3 })], NAMED), [['label', 'bytes', [2], '02000000c3a90100000033']]);
});

test('rows of tensors are stacked; scores have the name of the app\'s kind, whatever the arm calls them', () => {
  const slabs = new SlabArena();
  const tensor = (values: readonly number[], name = 'p'): OutputValue => {
    const { slab, offset } = slabs.allocate(values.length * 4);
    Float32Array.from(values).forEach((value, i) => Buffer.from(slab.bytes.buffer, slab.bytes.byteOffset).writeFloatLE(value, offset + i * 4));
    return { kind: 'tensors', tensors: [{ name, dtype: 'float32', shape: [values.length], slab, offset, lengthBytes: values.length * 4 }] };
  };
  assert.deepEqual(seen([row(tensor([1, 0])), row(tensor([0, 1]))], SCORES), [['probabilities', 'float32', [2, 2], '0000803f00000000000000000000803f']]);
  assert.deepEqual(seen([row(tensor([1, 0]))], { kind: 'raw', tensors: [] }), [['p', 'float32', [1, 2], '0000803f00000000']]);
  assert.deepEqual(seen([row(tensor([1, 0], 'p')), row(tensor([1, 0], 'q'))], SCORES), "rows differ in output 'p'");
  assert.deepEqual(seen([row(tensor([1, 0])), row(tensor([1, 0, 0]))], SCORES), "rows differ in output 'p'");
  const long = Array.from({ length: 40 }, (_, i) => i);
  assert.deepEqual(seen([row(tensor(long))], { kind: 'raw', tensors: [] }), [['p', 'float32', [1, 40], Buffer.from(Float32Array.from(long).buffer).toString('hex')]]);
});

test('a default of scores becomes scores, anything else text', () => {
  assert.deepEqual(seen([row({ kind: 'json', json: [1, 0] })], SCORES), [['probabilities', 'float32', [1, 2], '0000803f00000000']]);
  assert.deepEqual(seen([row({ kind: 'json', json: { a: 1 } })], SCORES), [['probabilities', 'bytes', [1], `07000000${Buffer.from('{"a":1}').toString('hex')}`]]);
  assert.deepEqual(seen([row({ kind: 'json', json: 'x' })], undefined), [['output', 'bytes', [1], '0100000078']]);
  assert.equal(seen([], LABEL), 'there are no rows');
});

test('texts say their lengths in bytes', () => {
  const { bytes, shape } = texts('t', ['', 'é'], [1, 2]);
  assert.deepEqual([bytes, shape], [10, [1, 2]]);
});
