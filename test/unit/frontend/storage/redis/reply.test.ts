import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, readPairs } from '../../../../../frontend/storage/redis/reply.ts';

test('cells come by turns with their values, exact past what a double holds', () => {
  assert.deepEqual(readPairs(['x/n', '9007199254740993', 'é', '-1'].map((text) => Buffer.from(text))), [['x/n', 9_007_199_254_740_993n], ['é', -1n]]);
});

test('bytes are the same memory, also in the middle of some', () => {
  const all = Uint8Array.of(1, 2, 3, 4);
  const middle = bytesOf(all.subarray(1, 3));
  all[1] = 9;
  assert.deepEqual([...middle], [9, 3]);
});
