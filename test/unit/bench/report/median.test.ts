import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median } from '../../../../bench/report/median.ts';

test('the median is the middle sample, or the mean of the middle two, whatever their order', () => {
  assert.equal(median([9]), 9);
  assert.equal(median([10, 9, 100]), 10);
  assert.equal(median([4, 1, 3, 100]), 3.5);
});

test('no samples have no median', () => {
  assert.throws(() => median([]), RangeError);
});
