import assert from 'node:assert/strict';
import { test } from 'node:test';
import { largestSize } from '../../../../frontend/batching/largest-size.ts';

test('the largest size that fits: at most as said, 1 where none fits, and an end where all do', () => {
  for (const limit of [1, 2, 7, 8, 99, 100]) assert.equal(largestSize(100, (rows) => rows <= limit), limit);
  assert.equal(largestSize(100, () => false), 1);
  assert.equal(largestSize(0, () => true), 1);
  assert.equal(largestSize(Infinity, () => true), 2 ** 20);
});
