import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discountedThompsonKind } from '../../../selection-policies/discounted-thompson.ts';
import { near, planOf, rewarded, taught } from '../../support/selection.ts';

const ARMS = ['a', 'b'];
const policy = discountedThompsonKind.make({ prior_successes: 1, prior_failures: 1, half_life_s: 1 });
const SECOND = 1e6;

test('evidence halves each half-life, across the stretches that its cells are kept in', () => {
  for (const atMicros of [0, 15.9 * SECOND, 16 * SECOND, 1_795_000_000.5 * SECOND]) {
    const cells = taught(policy, ARMS, [rewarded('a', 1, { atMicros })]);
    for (const halvings of [0, 1, 3.5, 16]) near(policy.estimates(policy.view(cells, atMicros + halvings * SECOND, ARMS))[0]?.weight, 2 ** -halvings, 1e-5);
  }
});

test('an arm that broke is left once the good rewards have faded', () => {
  const events = Array.from({ length: 400 }, (_, i) => [rewarded('a', i < 200 ? 1 : 0, { atMicros: i * 0.1 * SECOND }), rewarded('b', i % 2, { atMicros: i * 0.1 * SECOND })]).flat();
  assert.ok((planOf(policy, taught(policy, ARMS, events.slice(0, 400)), ARMS, { nowMicros: 20 * SECOND }).pmf[0] ?? 0) > 0.9);
  assert.ok((planOf(policy, taught(policy, ARMS, events), ARMS, { nowMicros: 40 * SECOND }).pmf[0] ?? 1) < 0.1);
});

test('cells that no longer count are named, and others are not', () => {
  const cells = taught(policy, ARMS, [rewarded('a', 1, { atMicros: 0 }), rewarded('a', 1, { atMicros: 40 * SECOND })]);
  assert.deepEqual(policy.expired?.(cells, 20 * SECOND), []);
  assert.deepEqual(policy.expired?.(cells, 48 * SECOND), ['a/t16000000/0/n', 'a/t16000000/0/s']);
});
