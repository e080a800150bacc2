import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soloPlan } from '../../../../../selection-policies/pmf.ts';
import { shapeOf } from '../../../../../frontend/serving/selection/plan-shape.ts';
import { makeApp } from '../../../../support/specs.ts';

const ARMS = ['a', 'b', 'c'];
const ALL = [true, true, true];

test('without an ensemble or a cascade a plan stays what it is', () => {
  const plan = soloPlan(ARMS, [0.5, 0.5, 0]);
  assert.equal(shapeOf(makeApp({ arms: ARMS }))(plan, ALL), plan);
});

test('an ensemble asks every open arm at once, weighed by what the policy thinks of it', () => {
  const shape = shapeOf(makeApp({ arms: ARMS, policy: 'adaptive', ensemble: { combine: 'vote' } }));
  assert.deepEqual(shape(soloPlan(ARMS, [0.5, 0.3, 0.2]), ALL), { actions: [{ ask: ARMS, weights: [0.5, 0.3, 0.2] }], pmf: [1] });
  const hedge = { actions: [{ ask: ['a', 'c'], weights: [0.9, 0.1] }], pmf: [1] };
  assert.deepEqual(shape(hedge, [true, false, true]), hedge);
});

test('static has no opinion; a subset may be chosen; where none of it is open the policy chooses alone', () => {
  const shape = shapeOf(makeApp({ arms: ARMS, policy: 'static', ensemble: { combine: 'majority', arms: ['b', 'c'] } }));
  assert.deepEqual(shape(soloPlan(ARMS, [1, 0, 0]), ALL).actions, [{ ask: ['b', 'c'], weights: [1, 1] }]);
  const plan = soloPlan(ARMS, [1, 0, 0]);
  assert.equal(shape(plan, [true, false, false]), plan);
});

test('a cascade asks the first, then the second; either alone where the other is closed', () => {
  const shape = shapeOf(makeApp({ arms: ARMS, cascade: { first: 'a', second: 'b', below: 0.8 } }));
  const plan = soloPlan(ARMS, [1, 0, 0]);
  assert.deepEqual(shape(plan, ALL).actions, [{ ask: ['a'], second: { arm: 'b', whenConfidenceBelow: 0.8 } }]);
  // One action an arm, in their order: its place says whose the reward is.
  assert.deepEqual(shape(plan, [false, true, true]), soloPlan(ARMS, [0, 1, 0]));
  assert.deepEqual(shape(plan, [true, false, true]), soloPlan(ARMS, [1, 0, 0]));
  assert.equal(shape(plan, [false, false, true]), plan);
});
