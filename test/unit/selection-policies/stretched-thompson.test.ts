import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stretchedThompson } from '../../../selection-policies/stretched-thompson.ts';
import { rewarded, taught } from '../../support/selection.ts';

const ARMS = ['a', 'b'];
/** Stretches of a second; what came in the second half of one counts double, and each stretch of age halves it. */
const policy = stretchedThompson('stretched', { stretchMicros: 1e6, kept: 3, weight: (part) => (part < 0.5 ? 1 : 2), worth: (age) => 2 ** -Math.floor(age) }, { successes: 1, failures: 1 });

test('a reward counts by its place in its stretch, and by how old that is', () => {
  const cells = taught(policy, ARMS, [rewarded('a', 1, { atMicros: 200_000 }), rewarded('b', 0, { atMicros: 700_000 })]);
  const weights = (nowMicros: number): (number | undefined)[] => policy.estimates(policy.view(cells, nowMicros, ARMS)).map((estimate) => estimate?.weight);
  assert.deepEqual(weights(900_000), [1, 2]);
  assert.deepEqual(weights(2_100_000), [0.25, 0.5]);
  assert.deepEqual(weights(4_100_000), [undefined, undefined]);
});

test('the plan favours the arm that earned, and priors count as evidence', () => {
  const cells = taught(policy, ARMS, [rewarded('a', 1, { atMicros: 200_000 })]);
  const share = (priors?: Parameters<typeof policy.view>[3]): number =>
    policy.plan(policy.view(cells, 300_000, ARMS, priors), ARMS, undefined, [true, true], 0).pmf[0] ?? 0;
  assert.ok(share() > 0.6, String(share()));
  assert.ok(share([undefined, { mean: 1, weight: 100 }]) < 0.5);
});
