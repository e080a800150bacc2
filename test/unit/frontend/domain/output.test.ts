import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dtype } from '../../../../protos/dtype.ts';
import { gives, outputReader, type OutputReader } from '../../../../frontend/domain/output.ts';
import type { OutputPart } from '../../../../frontend/domain/replica.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';

const slabs = new SlabArena();

/** Rows of equal size, one column. */
function part(dtype: Dtype, rowShape: readonly number[], data: { buffer: ArrayBufferLike; byteLength: number }, rows = 1): OutputPart {
  // One byte before the data: readers must not count on alignment.
  const payload = new Uint8Array(data.byteLength + 1);
  payload.set(new Uint8Array(data.buffer, 0, data.byteLength), 1);
  const rowBytes = data.byteLength / rows;
  return { payload, columns: [{ part: { name: 'y', dtype, shape: rowShape, bytes: data.byteLength }, offset: 1, rowBytes }] };
}

function read(reader: OutputReader, of: OutputPart, at = 0): unknown {
  return reader(of, at);
}

test('a label is the most probable class, with its probability as confidence', () => {
  const reader = outputReader({ kind: 'probabilities' }, 'label', slabs);
  const two = part('float32', [3], Float32Array.of(0.25, 0.5, 0.25, 0.125, 0.125, 0.75), 2);
  assert.deepEqual(read(reader, two, 0), { source: 'model', output: { kind: 'label', label: 1 }, confidence: 0.5 });
  assert.deepEqual(read(reader, two, 1), { source: 'model', output: { kind: 'label', label: 2 }, confidence: 0.75 });
});

test('a column is found anew where another part has others, and labels past those that are kept are right too', () => {
  const reader = outputReader({ kind: 'probabilities', name: 'y' }, 'label', slabs);
  const many = new Float32Array(2000).fill(0);
  for (const label of [0, 1023, 1024, 1999, 1024, 1023]) {
    many.fill(0);
    many[label] = 1;
    assert.deepEqual(read(reader, part('float32', [2000], many)), { source: 'model', output: { kind: 'label', label }, confidence: 1 });
  }
  const { payload, columns } = part('float32', [2], Float32Array.of(0, 1));
  const [only] = columns;
  assert.ok(only);
  const other = { ...only, part: { ...only.part, name: 'x' } };
  assert.deepEqual(read(reader, { payload, columns: [other, only] }), { source: 'model', output: { kind: 'label', label: 1 }, confidence: 1 });
  assert.equal(read(reader, { payload, columns: [other] }), 'the model gave no output named "y"');
  assert.deepEqual(read(reader, { payload, columns }), { source: 'model', output: { kind: 'label', label: 1 }, confidence: 1 });
});

test('logits become probabilities first', () => {
  const reader = outputReader({ kind: 'logits', classNames: ['no', 'yes'] }, 'label', slabs);
  assert.deepEqual(read(reader, part('float64', [2], Float64Array.of(-1000, 0))), { source: 'model', output: { kind: 'label', label: 'yes' }, confidence: 1 });
  const scores = outputReader({ kind: 'logits' }, 'probabilities', slabs)(part('float64', [2], Float64Array.of(0, Math.log(3))), 0);
  assert.ok(typeof scores !== 'string' && scores.output.kind === 'tensors');
  const tensor = scores.output.tensors[0];
  assert.ok(tensor);
  const at = tensor.slab.bytes.byteOffset + tensor.offset;
  const values = [...new Float64Array(tensor.slab.bytes.buffer, at, 2)];
  assert.ok(Math.abs((values[0] ?? 0) - 0.25) < 1e-12 && Math.abs((values[1] ?? 0) - 0.75) < 1e-12, values.join(', '));
  slabs.release(tensor.slab);
});

test('labels may be integers, strings, or an index into class names', () => {
  assert.deepEqual(read(outputReader({ kind: 'label' }, 'label', slabs), part('int64', [], BigInt64Array.of(7n))), { source: 'model', output: { kind: 'label', label: 7 } });
  const named = outputReader({ kind: 'label', classNames: ['a', 'b'] }, 'label', slabs);
  assert.deepEqual(read(named, part('int32', [], Int32Array.of(1))), { source: 'model', output: { kind: 'label', label: 'b' } });
  assert.equal(read(named, part('int32', [], Int32Array.of(2))), 'label 2 has no class name');
  const text = Uint8Array.of(2, 0, 0, 0, 0xc3, 0xa9);
  assert.deepEqual(read(outputReader({ kind: 'label' }, 'label', slabs), part('bytes', [], text)), { source: 'model', output: { kind: 'label', label: 'é' } });
});

test('what a model must not answer is said in words', () => {
  const top = outputReader({ kind: 'probabilities', name: 'y' }, 'label', slabs);
  assert.equal(read(top, part('float32', [2], Float32Array.of(Number.NaN, 1))), 'score of class 0 is NaN');
  assert.equal(read(top, part('int32', [2], Int32Array.of(1, 2))), 'scores of dtype int32; expected float32 or float64');
  assert.equal(read(outputReader({ kind: 'probabilities', name: 'z' }, 'label', slabs), part('float32', [1], Float32Array.of(1))), 'the model gave no output named "z"');
  assert.equal(read(outputReader({ kind: 'value' }, 'value', slabs), part('float32', [2], Float32Array.of(1, 2))), 'more than one number for a row whose output kind is value');
  assert.equal(read(outputReader({ kind: 'value' }, 'value', slabs), part('float32', [], Float32Array.of(Number.POSITIVE_INFINITY))), 'value is Infinity');
  assert.equal(read(outputReader({ kind: 'probabilities', classNames: ['a'] }, 'label', slabs), part('float32', [2], Float32Array.of(0, 1))), '2 scores for 1 class names');
});

test('a label that a number cannot hold is none, rather than its neighbour', () => {
  const reader = outputReader({ kind: 'label' }, 'label', slabs);
  for (const label of [2n ** 53n + 1n, -(2n ** 53n), 2n ** 63n - 1n]) assert.match(String(read(reader, part('int64', [], BigInt64Array.of(label)))), /past the integers/u);
  assert.notEqual(typeof read(reader, part('int64', [], BigInt64Array.of(2n ** 53n - 1n))), 'string');
});

test('raw gives every tensor, copied, and leaves nothing behind once released', () => {
  const arena = new SlabArena({ poison: true });
  const source = part('float32', [2], Float32Array.of(1, 2, 3, 4), 2);
  const row = outputReader({ kind: 'raw' }, 'raw', arena)(source, 1);
  assert.ok(typeof row !== 'string' && row.output.kind === 'tensors');
  source.payload.fill(0);
  const tensor = row.output.tensors[0];
  assert.ok(tensor);
  assert.equal(tensor.lengthBytes, 8);
  assert.equal(Buffer.from(tensor.slab.bytes.buffer).readFloatLE(tensor.offset), 3);
  arena.release(tensor.slab);
  assert.equal(arena.usedSlabs, 0);
});

test('which model output can serve which app output', () => {
  assert.ok(gives('logits', 'label') && gives('probabilities', 'label') && gives('logits', 'probabilities') && gives('value', 'raw'));
  assert.ok(!gives('label', 'probabilities') && !gives('value', 'label') && !gives('raw', 'label') && !gives('probabilities', 'logits'));
});
