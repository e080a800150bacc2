import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../../bench/load/random.ts';
import { makePolicy } from '../../../selection-policies/catalog.ts';
import { fittedStrength, inherited, priorsFrom } from '../../../selection-policies/prior.ts';
import { SEED, seeded } from '../../support/random.ts';
import { planOf, rewards, taught } from '../../support/selection.ts';

test('a parent counts as so many rewards of its mean, never more than it has itself', () => {
  assert.deepEqual(inherited({ mean: 0.7, weight: 1000 }, 20), { mean: 0.7, weight: 20 });
  assert.deepEqual(inherited({ mean: 0.7, weight: 3 }, 20), { mean: 0.7, weight: 3 });
  for (const parent of [undefined, { mean: Number.NaN, weight: 5 }, { mean: 0.5, weight: 0 }]) assert.equal(inherited(parent, 20), undefined);
});

test("a context key without evidence plans by the app's, and departs from it with its own", () => {
  const arms = ['a', 'b'];
  for (const name of ['thompson', 'adaptive', 'gaussian-thompson', 'kl-ucb', 'epsilon-greedy']) {
    const policy = makePolicy(name);
    const parent = policy.estimates(policy.view(taught(policy, arms, [...rewards('a', 200, 0.9), ...rewards('b', 200, 0.3)]), 0, arms));
    const priors = priorsFrom(parent, arms, (_, i) => i, 20);
    const plan = (events: Parameters<typeof taught>[2]): readonly number[] => policy.plan(policy.view(taught(policy, arms, events), 0, arms, priors), arms, undefined, [true, true], 0).pmf;
    assert.ok((plan([])[0] ?? 0) > 0.9, `${name} ${plan([])[0]}`);
    assert.ok((plan([...rewards('a', 300, 0.1), ...rewards('b', 300, 0.7)])[1] ?? 0) > 0.9, name);
  }
});

test('a new version starts from its predecessor', () => {
  const policy = makePolicy('thompson');
  const arms = ['m@1', 'other', 'm@2'];
  const cells = taught(policy, arms, [...rewards('m@1', 500, 0.9), ...rewards('other', 500, 0.5)]);
  const known = policy.estimates(policy.view(cells, 0, arms));
  const priors = priorsFrom(known, arms, (arm) => (arm === 'm@2' ? 0 : undefined), 30);
  assert.deepEqual(priors, [undefined, undefined, { mean: 0.9, weight: 30 }]);
  const { pmf } = policy.plan(policy.view(cells, 0, arms, priors), arms, undefined, [false, true, true], 0);
  assert.ok((pmf[2] ?? 0) > 0.999 && (planOf(policy, cells, arms, { mask: [false, true, true] }).pmf[2] ?? 1) < 0.6);
});

/** Own evidence of keys whose true means are spread as Beta(mean · strength, (1 - mean) · strength), `rewards` zeros and ones of each. */
function keysOf(count: number, { mean, strength, rewards: each, draw }: { mean: number; strength: number; rewards: number; draw: () => number }): { mean: number; weight: number }[][] {
  const gamma = (shape: number): number => {
    // Marsaglia and Tsang 2000, for shapes from 1 on; below, by their boost.
    if (shape < 1) return gamma(shape + 1) * draw() ** (1 / shape);
    const d = shape - 1 / 3;
    for (;;) {
      const normal = Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
      const v = (1 + normal / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(1 - draw()) < 0.5 * normal * normal + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return Array.from({ length: count }, () => {
    const [good, bad] = strength === Infinity ? [mean, 1 - mean] : [gamma(mean * strength), gamma((1 - mean) * strength)];
    const own = good / (good + bad);
    const successes = Array.from({ length: each }, () => draw() < own).filter(Boolean).length;
    return [{ mean: successes / each, weight: each }];
  });
}

test(seeded('how much an app\'s belief is worth to its keys is read off how much they differ'), () => {
  const draw = random(SEED);
  for (const strength of [6, 20, 80]) {
    const fits = Array.from({ length: 20 }, () => fittedStrength(keysOf(400, { mean: 0.6, strength, rewards: 25, draw })));
    const middle = fits.toSorted((a, b) => a - b)[10] ?? 0;
    assert.ok(middle > strength / 1.5 && middle < strength * 1.5, `${middle} for ${strength}`);
  }
  const alike = Array.from({ length: 9 }, () => fittedStrength(keysOf(400, { mean: 0.6, strength: Infinity, rewards: 25, draw }))).toSorted((a, b) => a - b);
  assert.ok((alike[4] ?? 0) > 150, `keys that are alike: ${alike[4]}`);
  const apart = fittedStrength(keysOf(400, { mean: 0.5, strength: 0.2, rewards: 25, draw }));
  assert.equal(apart, 4, 'keys that have nothing to do with each other');
});

test('until there are keys enough to compare, the belief is worth what it is by default', () => {
  const draw = random(1);
  assert.equal(fittedStrength([]), 20);
  assert.equal(fittedStrength(keysOf(10, { mean: 0.5, strength: 5, rewards: 10, draw })), 20);
  assert.equal(fittedStrength(keysOf(500, { mean: 0.5, strength: 5, rewards: 1, draw })), 20, 'one reward says nothing of a spread');
  assert.equal(fittedStrength(Array.from({ length: 100 }, () => [{ mean: 1, weight: 9 }, undefined])), 20, 'nor do rewards that are all the same');
});
