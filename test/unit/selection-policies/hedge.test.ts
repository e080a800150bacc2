import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hedgeKind } from '../../../selection-policies/hedge.ts';
import type { RewardEvent } from '../../../selection-policies/policy.ts';
import { near, planOf, taught } from '../../support/selection.ts';

const ARMS = ['a', 'b', 'c'];
const policy = hedgeKind.make({ half_life_s: 1e9 });
const labelled = (earned: Record<string, number>, propensity = 1): RewardEvent => ({ rewards: Object.entries(earned).map(([arm, reward]) => ({ arm, reward })), propensity, atMicros: 0 });

test('asks every arm that may be asked, even weights at first', () => {
  const { actions, pmf } = planOf(policy, new Map(), ARMS, { mask: [true, false, true] });
  assert.deepEqual(pmf, [1]);
  assert.deepEqual(actions, [{ ask: ['a', 'c'], weights: [0.5, 0.5] }]);
});

test('one label teaches every arm its own loss, undivided by any propensity: softmax(-η L)', () => {
  const events = [labelled({ a: 1, b: 0, c: 1 }), labelled({ a: 1, b: 1, c: 0 }, 0.01)];
  const eta = Math.sqrt((8 * Math.log(3)) / 2);
  const [wa, wb, wc] = [0, 1, 1].map((loss) => Math.exp(-eta * loss));
  const weights = planOf(policy, taught(policy, ARMS, events), ARMS).actions[0]?.weights ?? [];
  near(weights[0], (wa ?? 0) / ((wa ?? 0) + (wb ?? 0) + (wc ?? 0)), 1e-5);
  near(weights[1], weights[2] ?? 0, 1e-5);
});

test('an arm that was masked meanwhile keeps its place beside equals', () => {
  const events = Array.from({ length: 100 }, () => labelled({ a: 0.6, b: 0.6 }));
  const weights = planOf(policy, taught(policy, ARMS, events), ARMS).actions[0]?.weights ?? [];
  for (const weight of weights) near(weight, 1 / 3, 1e-6);
});
