import assert from 'node:assert/strict';
import { test } from 'node:test';
import { betaThompson, thompsonKind } from '../../../selection-policies/thompson.ts';
import { near, planOf, rewards, taught } from '../../support/selection.ts';

const ARMS = ['a', 'b', 'c'];
const policy = thompsonKind.make({ prior_successes: 1, prior_failures: 1 });

test('knows nothing, shares evenly; masked arms have nothing', () => {
  planOf(policy, new Map(), ARMS).pmf.forEach((p) => near(p, 1 / 3, 1e-12));
  assert.deepEqual(planOf(policy, new Map(), ARMS, { mask: [true, false, true] }).pmf.map((p) => Math.round(p * 1e12) / 1e12), [0.5, 0, 0.5]);
  assert.deepEqual(planOf(policy, new Map(), ARMS, { mask: [false, true, false] }).pmf, [0, 1, 0]);
});

test('agrees with the closed form: Beta(2, 1) beats Beta(1, 1) two times in three', () => {
  near(betaThompson({ successes: Float64Array.of(1, 0), failures: Float64Array.of(0, 0) }, { successes: 1, failures: 1 }, [true, true])[0], 2 / 3, 1e-8);
});

test('the pmf is that of drawing from the posterior and taking the best: Monte Carlo of 200,000 draws agrees', () => {
  const cells = taught(policy, ARMS, [...rewards('a', 10, 0.5), ...rewards('b', 4, 0.75), ...rewards('c', 30, 0.6)]);
  const wins = [0, 0, 0];
  const draw = lehmer(20261121);
  const gamma = (k: number): number => Array.from({ length: k }, draw).reduce((sum, u) => sum - Math.log(u), 0);
  const beta = (a: number, b: number): number => {
    const x = gamma(a);
    return x / (x + gamma(b));
  };
  const draws = 200_000;
  for (let k = 0; k < draws; k++) {
    const scores = [beta(6, 6), beta(4, 2), beta(19, 13)];
    const best = scores.indexOf(Math.max(...scores));
    wins[best] = (wins[best] ?? 0) + 1;
  }
  // Five standard errors of a share.
  planOf(policy, cells, ARMS).pmf.forEach((p, i) => near(p, (wins[i] ?? 0) / draws, 5 * Math.sqrt((p * (1 - p)) / draws)));
});

test('priors count as evidence, and own evidence outweighs them', () => {
  const prior = [{ mean: 0.9, weight: 20 }, { mean: 0.1, weight: 20 }, undefined];
  const before = policy.plan(policy.view(new Map(), 0, ARMS, prior), ARMS, undefined, [true, true, false], 0);
  assert.ok((before.pmf[0] ?? 0) > 0.999);
  const cells = taught(policy, ARMS, [...rewards('a', 300, 0.1), ...rewards('b', 300, 0.6)]);
  const after = policy.plan(policy.view(cells, 0, ARMS, prior), ARMS, undefined, [true, true, false], 0);
  assert.ok((after.pmf[1] ?? 0) > 0.999);
});

test('rewards between 0 and 1 count in part; an event that breaks the contract is refused', () => {
  const cells = taught(policy, ARMS, [{ rewards: [{ arm: 'a', reward: 0.25 }], propensity: 0.5, atMicros: 0 }]);
  assert.deepEqual(policy.estimates(policy.view(cells, 0, ARMS)), [{ mean: 0.25, weight: 1 }, undefined, undefined]);
  for (const reward of [Number.NaN, -0.1, 1.1, Infinity]) assert.throws(() => policy.contribution({ rewards: [{ arm: 'a', reward }], propensity: 1, atMicros: 0 }, ARMS), RangeError);
});

/** Park and Miller's generator, in (0, 1). */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}
