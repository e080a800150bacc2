import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchKeyOf } from '../../../../frontend/domain/batch-key.ts';

const x = { name: 'x', dtype: 'float32', shape: [-1, 2] } as const;

test('the key tells names, dtypes and shapes apart', () => {
  const keys = [
    batchKeyOf([x], [[3, 2]]),
    batchKeyOf([x], [[2, 2]]),
    batchKeyOf([x], []),
    batchKeyOf([{ ...x, dtype: 'float64' }], [[3, 2]]),
    batchKeyOf([{ ...x, name: 'y' }], [[3, 2]]),
    batchKeyOf([x, x], [[3, 2], [3, 2]]),
    batchKeyOf([{ ...x, name: 'x":float32[3,2];"x' }], [[3, 2]]),
  ];
  assert.equal(new Set(keys).size, keys.length);
});

test('equal inputs have equal keys, whether a request or the signature said the shape', () => {
  assert.equal(batchKeyOf([{ ...x, shape: [3, 2] }], []), batchKeyOf([x], [[3, 2]]));
});
