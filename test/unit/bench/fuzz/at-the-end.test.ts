import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthOf } from '../../../../bench/fuzz/at-the-end.ts';

test('memory that swings does not grow, one that rises through both halves does', () => {
  assert.equal(growthOf([388, 382, 389, 442, 354, 440, 410, 419, 436, 435]), undefined);
  assert.equal(growthOf([300, 320, 340, 360, 380, 400, 420, 440, 460, 480]), 'memory grew from 380 to 480 MB in the second half');
  assert.equal(growthOf([300, 320, 340]), undefined);
});
