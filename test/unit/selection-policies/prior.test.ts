import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePolicy } from '../../../selection-policies/catalog.ts';
import { inherited, priorsFrom } from '../../../selection-policies/prior.ts';
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
