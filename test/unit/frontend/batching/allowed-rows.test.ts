import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedUpTo } from '../../../../frontend/batching/allowed-rows.ts';

test('the largest allowed size that is not above; what is below all of them stays', () => {
  assert.deepEqual([1, 2, 3, 4, 9, 100].map((rows) => allowedUpTo(rows, [2, 4, 8])), [1, 2, 2, 4, 8, 8]);
  assert.equal(allowedUpTo(7, []), 7);
});
