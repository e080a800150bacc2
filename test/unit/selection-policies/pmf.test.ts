import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sample } from '../../../selection-policies/pmf.ts';

test('takes the first action whose cumulated probability exceeds the draw', () => {
  const pmf = [0.25, 0.5, 0.25];
  assert.equal(sample(pmf, 0), 0);
  assert.equal(sample(pmf, 0.2499), 0);
  assert.equal(sample(pmf, 0.25), 1);
  assert.equal(sample(pmf, 0.7499), 1);
  assert.equal(sample(pmf, 0.75), 2);
});

test('never takes an action without probability', () => {
  assert.equal(sample([0, 1, 0], 0), 1);
  assert.equal(sample([0, 1, 0], 1 - 2 ** -53), 1);
});

test('a draw past a sum that rounding left short takes the last action that has probability', () => {
  assert.equal(sample([0.5, 0.5 - 2 ** -30, 0], 1 - 2 ** -53), 1);
});

test('refuses a pmf without probability', () => {
  assert.throws(() => sample([], 0.5), RangeError);
  assert.throws(() => sample([0, 0], 0.5), RangeError);
});
