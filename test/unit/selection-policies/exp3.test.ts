import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exp3Kind, LEAST_PROPENSITY, readWeighed } from '../../../selection-policies/exp3.ts';
import { near, planOf, rewarded, sum, taught } from '../../support/selection.ts';

const ARMS = ['a', 'b'];
const policy = exp3Kind.make({ horizon: 100 });
const GAMMA = Math.sqrt((2 * Math.log(2)) / ((Math.E - 1) * 100));

test('is (1 - γ) softmax(γ G / K) + γ / K, G the rewards over their propensities', () => {
  const cells = taught(policy, ARMS, [rewarded('a', 1, { propensity: 0.25 }), rewarded('a', 0.5, { propensity: 0.5 }), rewarded('b', 1, { propensity: 0.5 })]);
  const [ga, gb] = [Math.exp((GAMMA * 5) / 2), Math.exp((GAMMA * 2) / 2)];
  near(planOf(policy, cells, ARMS).pmf[0], ((1 - GAMMA) * ga) / (ga + gb) + GAMMA / 2, 1e-12);
});

test('sums do not underflow: after a million losses an arm still comes back (Clipper multiplied weights until they were 0 for ever)', () => {
  const cells = new Map([['a/g', 1_000_000n << 20n], ['b/g', 0n], ['/rounds', 1_000_000n]]);
  const { pmf } = planOf(policy, cells, ARMS);
  near(pmf[1], GAMMA / 2, 1e-12);
  cells.set('b/g', 2_000_000n << 20n);
  near(planOf(policy, cells, ARMS).pmf[1], 1 - GAMMA / 2, 1e-12);
});

test('the propensity that counts is the logged one, whatever the present one is', () => {
  const late = taught(policy, ARMS, [...Array.from({ length: 50 }, () => rewarded('b', 1, { propensity: 0.9 })), rewarded('a', 1, { propensity: 0.5 })]);
  assert.equal(late.get('a/g'), 2n << 20n);
  assert.equal(taught(policy, ARMS, [rewarded('a', 1, { propensity: 1e-300 })]).get('a/g'), BigInt(Math.round(2 ** 20 / LEAST_PROPENSITY)));
});

test('a new arm starts at the mean of the others', () => {
  assert.deepEqual(readWeighed(new Map([['a/g', 4n << 20n], ['b/g', 2n << 20n]]), ['a', 'b', 'c'], 'g').sums, [4, 2, 3]);
});

test('without a horizon, γ falls with the rewards seen; alone an arm is certain', () => {
  const anytime = exp3Kind.make({ horizon: 0 });
  const least = (rounds: bigint): number => Math.min(...planOf(anytime, new Map([['/rounds', rounds], ['a/g', 1n << 40n], ['b/g', 0n]]), ARMS).pmf);
  assert.ok(least(10_000n) < least(100n));
  assert.deepEqual(planOf(policy, new Map(), ARMS, { mask: [false, true] }).pmf, [0, 1]);
  near(sum(planOf(policy, new Map(), ARMS).pmf), 1, 2 ** -40);
});
