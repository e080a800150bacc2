import assert from 'node:assert/strict';
import { test } from 'node:test';
import { staticPolicy } from '../../../selection-policies/static.ts';

const ARMS = ['a', 'b', 'c'];

test('asks the first arm that is not masked, with certainty', () => {
  assert.deepEqual(staticPolicy.plan(null, ARMS, undefined, [true, true, true], 0), { actions: [{ ask: ['a'] }], pmf: [1] });
  assert.deepEqual(staticPolicy.plan(null, ARMS, { user: 'u' }, [false, true, true], 1), { actions: [{ ask: ['b'] }], pmf: [1] });
});

test('refuses to plan when every arm is masked', () => {
  assert.throws(() => staticPolicy.plan(null, ARMS, undefined, [false, false, false], 0), RangeError);
});

test('learns nothing', () => {
  assert.deepEqual(staticPolicy.contribution({ arm: 'a', reward: 1, propensity: 1, atMicros: 0 }, ARMS), []);
  assert.equal(staticPolicy.view(new Map([['x', 1n]]), 5), null);
  assert.equal(staticPolicy.contextual, false);
});
