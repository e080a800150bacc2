import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantile } from '../../../../../frontend/metrics/history/quantile.ts';

const BOUNDS = [10, 20, 40];

test('lies between the bounds of its bucket, in proportion', () => {
  assert.equal(quantile(BOUNDS, [0, 10, 0, 0], 0.5), 15);
  assert.equal(quantile(BOUNDS, [10, 0, 0, 0], 0.5), 5);
  assert.equal(quantile(BOUNDS, [98, 0, 2, 0], 0.99), 30);
});

test('what lies beyond the highest bound is told as that bound; nothing as nothing', () => {
  assert.equal(quantile(BOUNDS, [0, 0, 0, 7], 0.5), 40);
  assert.equal(quantile(BOUNDS, [0, 0, 0, 0], 0.5), undefined);
});
