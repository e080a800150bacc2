import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutputTensor } from '../../../../../frontend/domain/answer.ts';
import { scoresOf, topClass } from '../../../../../frontend/serving/ensemble/scores.ts';

function tensor(dtype: 'float32' | 'float64' | 'int32', values: readonly number[]): OutputTensor {
  const array = dtype === 'float32' ? Float32Array.from(values) : dtype === 'float64' ? Float64Array.from(values) : Int32Array.from(values);
  const bytes = new Uint8Array(8 + array.byteLength);
  bytes.set(new Uint8Array(array.buffer), 8);
  return { name: 'y', dtype, shape: [values.length], slab: { index: 0, bytes }, offset: 8, lengthBytes: array.byteLength };
}

test('scores are read where they lie, and the first of the greatest is the class', () => {
  assert.deepEqual([...scoresOf(tensor('float64', [0.25, 0.75])) ?? []], [0.25, 0.75]);
  assert.equal(topClass(tensor('float32', [0.1, 0.7, 0.7])), 1);
  assert.equal(topClass(tensor('int32', [1, 2])), undefined);
  assert.equal(topClass(tensor('float32', [])), undefined);
});
