import assert from 'node:assert/strict';
import { test } from 'node:test';
import { giveRow, keepRow, rowBytes } from '../../../../frontend/cache/kept-row.ts';
import type { AnswerRow, OutputTensor } from '../../../../frontend/domain/answer.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';

function tensor(slabs: SlabArena, name: string, bytes: readonly number[]): OutputTensor {
  const { slab, offset } = slabs.allocate(bytes.length);
  slab.bytes.set(bytes, offset);
  return { name, dtype: 'uint8', shape: [bytes.length], slab, offset, lengthBytes: bytes.length };
}
function bytesOf({ output }: AnswerRow): number[][] {
  assert.equal(output.kind, 'tensors');
  return output.kind === 'tensors' ? output.tensors.map(({ slab, offset, lengthBytes }) => [...slab.bytes.subarray(offset, offset + lengthBytes)]) : [];
}

test('labels and values are given as they are, and said to be cached', () => {
  const slabs = new SlabArena();
  const kept = keepRow({ source: 'model', output: { kind: 'label', label: 'seven' }, confidence: 0.5 });
  assert.deepEqual(kept, { source: 'model', output: { kind: 'label', label: 'seven' }, confidence: 0.5, cached: true });
  assert.equal(giveRow(kept, slabs), kept);
  assert.ok(rowBytes(kept) > rowBytes({ source: 'model', output: { kind: 'label', label: '' } }));
});

test('tensors outlive the slab that they came in, and each answer has its own', () => {
  const slabs = new SlabArena({ poison: true });
  const tensors = [tensor(slabs, 'a', [1, 2, 3]), tensor(slabs, 'b', [4, 5, 6, 7, 8, 9, 10, 11, 12])];
  const kept = keepRow({ source: 'model', output: { kind: 'tensors', tensors } });
  for (const { slab } of tensors) {
    slab.bytes.fill(0xa5);
    slabs.release(slab);
  }
  const one = giveRow(kept, slabs);
  const two = giveRow(kept, slabs);
  assert.deepEqual(bytesOf(one), [[1, 2, 3], [4, 5, 6, 7, 8, 9, 10, 11, 12]]);
  assert.ok(one.output.kind === 'tensors' && two.output.kind === 'tensors');
  for (const { slab, offset } of one.output.tensors) {
    slab.bytes[offset] = 99;
    slabs.release(slab);
  }
  assert.deepEqual(bytesOf(two), bytesOf(kept));
  for (const { slab } of two.output.tensors) slabs.release(slab);
  assert.equal(slabs.usedSlabs, 0);
  assert.equal(one.cached, true);
});

test('the bytes of tensors are counted, with names and shapes', () => {
  const slabs = new SlabArena();
  const row = (tensors: OutputTensor[]): number => rowBytes({ source: 'model', output: { kind: 'tensors', tensors } });
  assert.equal(row([tensor(slabs, 'a', new Array(1000).fill(1))]) - row([tensor(slabs, 'a', [1, 2, 3, 4, 5, 6, 7, 8])]), 992);
  assert.ok(row([tensor(slabs, 'name', [1])]) > row([tensor(slabs, 'a', [1])]));
});
