import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplicaPace } from '../../../../frontend/batching/replica-pace.ts';

test('replicas are held against the quickest, and each has the rate of what it answers on time', () => {
  const pace = new ReplicaPace();
  assert.deepEqual([pace.quickest('a'), pace.goodRate('a')], [1, 0]);
  pace.fold(0);
  pace.observe('a', 100, 1_000);
  pace.observe('b', 50, 4_000);
  pace.fold(100_000);
  assert.deepEqual([pace.quickest('a'), pace.quickest('b'), pace.quickest('new')], [1, 0.25, 1]);
  assert.deepEqual([pace.goodRate('a'), pace.goodRate('b')], [0.001, 0.0005]);
  pace.forget('a');
  assert.deepEqual([pace.quickest('b'), pace.goodRate('a')], [1, 0]);
});
