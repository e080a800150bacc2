import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from '../../../../frontend/client/backoff.ts';

test('twice as long each time, up to a second, any part of it; never sooner than the broker asked', () => {
  assert.deepEqual([0, 1, 2, 7, 8, 60].map((retry) => backoffMs(retry, 0.5)), [2.5, 5, 10, 320, 500, 500]);
  assert.equal(backoffMs(3, 0), 0);
  assert.deepEqual([0, 0.5].map((random) => backoffMs(0, random, 1000)), [1000, 1002.5]);
});
