import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DTYPE_BYTES, DTYPES } from '../../../../protos/dtype.ts';
import { cutElements, elementCount, isDataOf, joinElements, rowSpan, shapeText, viewElements, zeros } from '../../../../model-containers/typescript/tensor.ts';

test('elements of every dtype are views where aligned, copies where not, and the same values', () => {
  for (const dtype of DTYPES) {
    if (dtype === 'bytes') continue;
    const size = DTYPE_BYTES[dtype];
    const memory = new Uint8Array(8 + 4 * size).map((_, i) => i + 1);
    const aligned = viewElements(dtype, memory.subarray(8), 0, 4 * size);
    assert.equal(aligned.buffer, memory.buffer, dtype);
    assert.equal(aligned.length, 4);
    assert.ok(isDataOf(dtype, aligned));
    const shifted = new Uint8Array(memory.length + 1);
    shifted.set(memory, 1);
    const copy = viewElements(dtype, shifted, 9, 4 * size);
    assert.equal(copy.buffer === shifted.buffer, size === 1, dtype);
    assert.deepEqual([...copy].map(String), [...aligned].map(String), dtype);
  }
});

test('elements of dtype bytes go out and come back', () => {
  const packed = joinElements(['', 'ä', Uint8Array.of(0, 255)]);
  assert.equal(packed.toString('hex'), '0000000002000000c3a40200000000ff');
  assert.deepEqual(cutElements(packed, 0, packed.length, 3)?.map((element) => element.toString('hex')), ['', 'c3a4', '00ff']);
});

test('lengths that do not come out even are noticed, however large they claim to be', () => {
  const packed = joinElements(['abc', 'd']);
  assert.equal(cutElements(packed, 0, packed.length, 1), undefined);
  assert.equal(cutElements(packed, 0, packed.length, 3), undefined);
  assert.equal(cutElements(packed, 0, packed.length - 1, 2), undefined);
  assert.equal(cutElements(Buffer.of(255, 255, 255, 255, 1), 0, 5, 1), undefined);
  assert.deepEqual(cutElements(packed, 0, 0, 0), []);
});

test('where a row lies', () => {
  const data = new Float32Array(6);
  assert.deepEqual(rowSpan({ dtype: 'float32', shape: [3, 2], data }, 2), { first: 4, count: 2 });
  assert.deepEqual(rowSpan({ dtype: 'float32', shape: [3, -1], data, rowShapes: [[1], [0], [5]] }, 2), { first: 1, count: 5 });
});

test('zeros, counts and words', () => {
  for (const dtype of DTYPES) {
    const data = zeros(dtype, 3);
    assert.equal(data.length, 3);
    assert.ok(isDataOf(dtype, data), dtype);
  }
  assert.equal(isDataOf('float32', new Float64Array(1)), false);
  assert.equal(isDataOf('bytes', [1]), false);
  assert.equal(elementCount([]), 1);
  assert.equal(elementCount([2, 0]), 0);
  assert.equal(shapeText([-1, 8]), '[-1, 8]');
});
