import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePolicy } from '../../../selection-policies/catalog.ts';
import { weightedKind } from '../../../selection-policies/weighted.ts';
import { planOf } from '../../support/selection.ts';

const ARMS = ['a', 'b', 'c'];

test('shares by weight; an arm without one gets nothing', () => {
  assert.deepEqual(planOf(weightedKind.make({ weights: new Map([['a', 3], ['b', 1]]) }), new Map(), ARMS).pmf, [0.75, 0.25, 0]);
});

test('a masked arm gives its share to the others; without weights, or with none left, shares are even', () => {
  const policy = makePolicy('weighted', { weights: { a: 3, b: 1, c: 1 } });
  assert.deepEqual(planOf(policy, new Map(), ARMS, { mask: [false, true, true] }).pmf, [0, 0.5, 0.5]);
  assert.deepEqual(planOf(makePolicy('weighted'), new Map(), ['a', 'b']).pmf, [0.5, 0.5]);
  assert.deepEqual(planOf(makePolicy('weighted', { weights: { a: 1 } }), new Map(), ARMS, { mask: [false, true, true] }).pmf, [0, 0.5, 0.5]);
});
