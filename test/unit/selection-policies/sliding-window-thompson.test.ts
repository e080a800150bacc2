import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slidingWindowThompsonKind } from '../../../selection-policies/sliding-window-thompson.ts';
import { rewarded, taught } from '../../support/selection.ts';

const ARMS = ['a', 'b'];
const policy = slidingWindowThompsonKind.make({ prior_successes: 1, prior_failures: 1, window_s: 32 });
const SECOND = 1e6;

test('rewards count wholly inside the window and not at all behind it', () => {
  const cells = taught(policy, ARMS, [rewarded('a', 1, { atMicros: 10.5 * SECOND })]);
  const weightAt = (seconds: number): number => policy.estimates(policy.view(cells, seconds * SECOND, ARMS))[0]?.weight ?? 0;
  assert.deepEqual([10.6, 25, 41.9, 42.1, 100].map(weightAt), [1, 1, 1, 0, 0]);
  // Another broker's clock may be a stretch behind.
  assert.equal(weightAt(9.9), 1);
});

test('cells behind the window are named', () => {
  const cells = taught(policy, ARMS, [rewarded('a', 1, { atMicros: 10.5 * SECOND }), rewarded('b', 1, { atMicros: 20 * SECOND })]);
  assert.deepEqual(policy.expired?.(cells, 41.9 * SECOND), []);
  assert.deepEqual(policy.expired?.(cells, 42.1 * SECOND), ['a/t1000000/10/n', 'a/t1000000/10/s']);
});
