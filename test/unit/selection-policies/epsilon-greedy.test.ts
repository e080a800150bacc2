import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epsilonGreedyKind } from '../../../selection-policies/epsilon-greedy.ts';
import { near, planOf, rewards, taught } from '../../support/selection.ts';

const ARMS = ['a', 'b', 'c'];
const policy = epsilonGreedyKind.make({ epsilon: 0.3 });

test('the best mean gets all but ε, of which it has its even part', () => {
  const cells = taught(policy, ARMS, [...rewards('a', 10, 0.2), ...rewards('b', 10, 0.7), ...rewards('c', 10, 0.4)]);
  planOf(policy, cells, ARMS).pmf.forEach((p, i) => near(p, [0.1, 0.8, 0.1][i] ?? 0, 1e-12));
  planOf(policy, cells, ARMS, { mask: [true, false, true] }).pmf.forEach((p, i) => near(p, [0.15, 0, 0.85][i] ?? 0, 1e-12));
});

test('arms without evidence are tried first', () => {
  const { pmf } = planOf(policy, taught(policy, ARMS, rewards('a', 10, 0.9)), ARMS);
  near(pmf[1], 0.45, 1e-12);
  assert.equal(pmf[1], pmf[2]);
});
