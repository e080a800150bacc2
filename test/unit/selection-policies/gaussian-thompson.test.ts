import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussianThompsonKind } from '../../../selection-policies/gaussian-thompson.ts';
import { thompsonKind } from '../../../selection-policies/thompson.ts';
import { near, planOf, rewarded, taught } from '../../support/selection.ts';

const ARMS = ['a', 'b'];
const policy = gaussianThompsonKind.make({ prior_mean: 0.5, prior_weight: 1, prior_shape: 1, prior_rate: 0.1 });
const around = (arm: string, mean: number, spread: number, count: number) => Array.from({ length: count }, (_, i) => rewarded(arm, mean + (i % 2 === 0 ? spread : -spread)));

test('knows nothing, shares evenly', () => {
  planOf(policy, new Map(), ARMS).pmf.forEach((p) => near(p, 0.5, 1e-12));
});

test('is surer of the same difference of means where rewards vary less', () => {
  const share = (spread: number): number => planOf(policy, taught(policy, ARMS, [...around('a', 0.52, spread, 50), ...around('b', 0.48, spread, 50)]), ARMS).pmf[0] ?? 0;
  assert.ok(share(0.01) > share(0.1) && share(0.1) > share(0.4) && share(0.4) > 0.5, `${share(0.01)} ${share(0.1)} ${share(0.4)}`);
});

test('what another policy of the app has counted, without squares, is not taken for rewards that never vary', () => {
  const cells = taught(thompsonKind.make({ prior_successes: 1, prior_failures: 1 }), ARMS, [...around('a', 0.52, 0.4, 200), ...around('b', 0.48, 0.4, 200)]);
  planOf(policy, cells, ARMS).pmf.forEach((p) => near(p, 0.5, 1e-12));
});

test('estimates are means and counts; a prior shifts them', () => {
  const cells = taught(policy, ARMS, around('a', 0.7, 0.1, 4));
  const [own] = policy.estimates(policy.view(cells, 0, ARMS));
  near(own?.mean, 0.7, 1e-6);
  const [shifted] = policy.estimates(policy.view(cells, 0, ARMS, [{ mean: 0.1, weight: 4 }, undefined]));
  near(shifted?.mean, 0.4, 1e-6);
  assert.equal(shifted?.weight, 8);
});
