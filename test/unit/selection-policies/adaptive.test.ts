import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../../bench/load/random.ts';
import { makePolicy } from '../../../selection-policies/catalog.ts';
import { near, planOf, rewarded, simulate, taught } from '../../support/selection.ts';

const ARMS = ['a', 'b', 'c'];
const policy = makePolicy('adaptive');
const share = (asked: readonly number[], arm: number, from: number, to: number): number => asked.slice(from, to).filter((i) => i === arm).length / (to - from);

test('where nothing changes it is Thompson sampling to the last digit', () => {
  const { cells } = simulate(policy, ARMS, { steps: 600, draw: random(3), means: () => [0.7, 0.6, 0.5] });
  const estimates = policy.estimates(policy.view(cells, 0, ARMS));
  const thompson = makePolicy('thompson');
  const plain = planOf(thompson, taught(thompson, ARMS, ARMS.flatMap((arm, i) => {
    const { mean, weight } = estimates[i] ?? { mean: 0, weight: 0 };
    return Array.from({ length: weight }, (_, k) => rewarded(arm, k < Math.round(mean * weight) ? 1 : 0));
  })), ARMS);
  planOf(policy, cells, ARMS).pmf.forEach((p, i) => near(p, plain.pmf[i] ?? 0, 1e-12));
});

test('leaves an arm that breaks within 200 rewards, probes it, and is back within 1,000 of its repair: mean of 10 seeds', () => {
  let [before, broken, back, late] = [0, 0, 0, 0];
  const seeds = 10;
  for (let seed = 1; seed <= seeds; seed++) {
    const { asked } = simulate(policy, ARMS, { steps: 2600, draw: random(seed), means: (t) => [t >= 600 && t < 1400 ? 0.05 : 0.97, 0.9, 0.7] });
    before += share(asked, 0, 400, 600) / seeds;
    broken += share(asked, 0, 800, 1400) / seeds;
    late += asked.slice(1000, 1400).filter((i) => i === 0).length / seeds;
    back += share(asked, 0, 2400, 2600) / seeds;
  }
  assert.ok(before > 0.7, `before ${before}`);
  assert.ok(broken < 0.05, `broken ${broken}`);
  assert.ok(late > 0, 'never probed');
  assert.ok(back > 0.7, `back ${back}`);
});

test('an arm that falls gets probes even where its posterior would give it none; masked it gets nothing', () => {
  const good = Array.from({ length: 400 }, (_, i) => [rewarded('a', 1, { stamp: Math.floor(i / 8) }), rewarded('b', i % 10 === 0 ? 0 : 1, { stamp: Math.floor(i / 8) })]).flat();
  const bad = Array.from({ length: 200 }, () => rewarded('a', 0, { stamp: 50 }));
  const cells = taught(policy, ['a', 'b'], [...good, ...bad]);
  const { pmf } = planOf(policy, cells, ['a', 'b']);
  near(pmf[0], 0.01, 1e-12);
  near(pmf[1], 0.99, 1e-12);
  assert.deepEqual(planOf(policy, cells, ['a', 'b'], { mask: [false, true] }).pmf, [0, 1]);
  assert.deepEqual(planOf(policy, cells, ['a', 'b'], { mask: [true, false] }).pmf, [1, 0]);
});

test('a change of one arm leaves what is known of the others', () => {
  const events = Array.from({ length: 200 }, (_, i) => [rewarded('a', i < 100 ? 1 : 0, { stamp: Math.floor(i / 8) }), rewarded('b', i % 2, { stamp: Math.floor(i / 8) })]).flat();
  const estimates = policy.estimates(policy.view(taught(policy, ARMS, events), 0, ARMS));
  assert.deepEqual(estimates[1], { mean: 0.5, weight: 200 });
  assert.ok((estimates[0]?.weight ?? 0) < 110 && (estimates[0]?.mean ?? 1) < 0.05);
});

test('a prior holds until the arm has changed', () => {
  const prior = [{ mean: 0.8, weight: 30 }, undefined, undefined];
  assert.deepEqual(policy.estimates(policy.view(new Map(), 0, ARMS, prior))[0], { mean: 0.8, weight: 30 });
  const cells = new Map([['a/epoch', 1n]]);
  assert.equal(policy.estimates(policy.view(cells, 0, ARMS, prior))[0], undefined);
});
