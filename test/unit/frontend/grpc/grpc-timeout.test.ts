import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readGrpcTimeout } from '../../../../frontend/grpc/grpc-timeout.ts';

test('a timeout is up to eight digits and a unit', () => {
  assert.deepEqual(['1H', '2M', '3S', '4m', '5u', '1999n', '0n'].map(readGrpcTimeout), [3_600_000_000, 120_000_000, 3_000_000, 4000, 5, 1, 0]);
  assert.equal(readGrpcTimeout('99999999H'), 2 ** 52, 'longer than any broker lives, and no whole number of microseconds');
  assert.deepEqual(['', 'soon', '5', 'S', '5 x', '5s'].map(readGrpcTimeout), Array.from({ length: 6 }, () => undefined));
  assert.deepEqual(['-1S', '5  m'].map(readGrpcTimeout), [1_000_000, 5000], 'the library takes these, too');
});
