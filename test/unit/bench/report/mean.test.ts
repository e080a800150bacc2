import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanOf, standardErrorOf } from '../../../../bench/report/mean.ts';

test('the mean, and how far it may be off', () => {
  assert.equal(meanOf([1, 2, 6]), 3);
  // Deviations of -2, -1 and 3: a variance of 7 among three.
  assert.equal(standardErrorOf([1, 2, 6]), Math.sqrt(7 / 3));
  assert.equal(standardErrorOf([5]), 0);
});
