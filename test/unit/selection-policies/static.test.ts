import assert from 'node:assert/strict';
import { test } from 'node:test';
import { staticPolicy } from '../../../selection-policies/static.ts';
import { rewarded } from '../../support/selection.ts';

const ARMS = ['a', 'b', 'c'];

test('asks the first arm that is not masked, with certainty', () => {
  const plan = staticPolicy.plan(3, ARMS, undefined, [true, true, true], 0);
  assert.deepEqual(plan, { actions: [{ ask: ['a'] }, { ask: ['b'] }, { ask: ['c'] }], pmf: [1, 0, 0] });
  assert.deepEqual(staticPolicy.plan(3, ARMS, { user: 'u' }, [false, true, true], 1).pmf, [0, 1, 0]);
});

test('refuses to plan when every arm is masked', () => {
  assert.throws(() => staticPolicy.plan(3, ARMS, undefined, [false, false, false], 0), RangeError);
});

test('learns nothing', () => {
  assert.deepEqual(staticPolicy.contribution(rewarded('a', 1), ARMS), []);
  assert.deepEqual(staticPolicy.estimates(staticPolicy.view(new Map([['x', 1n]]), 5, ARMS)), [undefined, undefined, undefined]);
  assert.equal(staticPolicy.contextual, false);
});
