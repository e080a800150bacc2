import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FixedController } from '../../../../../frontend/batching/controllers/fixed.ts';

test('the size is what it was told, whatever is observed', () => {
  const fixed = new FixedController({ maxBatch: 32 });
  fixed.observe();
  assert.equal(fixed.decide(), 32);
});

test('a size that is no positive integer is refused', () => {
  for (const maxBatch of [0, -1, 1.5, Number.NaN, Infinity]) assert.throws(() => new FixedController({ maxBatch }), RangeError);
});
