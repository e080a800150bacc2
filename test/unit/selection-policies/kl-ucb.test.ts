import assert from 'node:assert/strict';
import { test } from 'node:test';
import { klUcbKind } from '../../../selection-policies/kl-ucb.ts';
import { planOf, rewards, taught } from '../../support/selection.ts';

const ARMS = ['a', 'b'];
const policy = klUcbKind.make({ c: 0 });

test('without pulls every bound is infinite and arms share: each is tried (the removed UCB1 of Clipper returned none)', () => {
  assert.deepEqual(planOf(policy, new Map(), ARMS).pmf, [0.5, 0.5]);
  assert.deepEqual(planOf(policy, taught(policy, ARMS, rewards('a', 5, 1)), ARMS).pmf, [0, 1]);
});

test('is optimistic: of equal means the less known arm is asked, and rewards are maximised', () => {
  assert.deepEqual(planOf(policy, taught(policy, ARMS, [...rewards('a', 100, 0.5), ...rewards('b', 10, 0.5)]), ARMS).pmf, [0, 1]);
  assert.deepEqual(planOf(policy, taught(policy, ARMS, [...rewards('a', 1000, 0.3), ...rewards('b', 1000, 0.6)]), ARMS).pmf, [0, 1]);
});

test('the bound grows with ln t: an arm that lost early is asked again', () => {
  const early = [...rewards('a', 20, 0.5), ...rewards('b', 10, 0.3)];
  assert.deepEqual(planOf(policy, taught(policy, ARMS, [...early, ...rewards('a', 20, 0.5)]), ARMS).pmf, [0, 1]);
  assert.deepEqual(planOf(policy, taught(policy, ARMS, [...early, ...rewards('b', 60, 0.3)]), ARMS).pmf, [1, 0]);
});
