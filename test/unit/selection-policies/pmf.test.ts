import assert from 'node:assert/strict';
import { test } from 'node:test';
import { greatest, normalised, sample, softmax, soloPlan } from '../../../selection-policies/pmf.ts';

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

test('shares are made to sum to 1 over the open arms; even ones where none is usable', () => {
  assert.deepEqual(normalised([1, 2, 1], [true, true, false]), [1 / 3, 2 / 3, 0]);
  for (const shares of [[0, 0], [Number.NaN, -1], [Infinity, 1]]) assert.deepEqual(normalised(shares, [true, true]), [0.5, 0.5]);
  assert.throws(() => normalised([1], [false]), RangeError);
});

test('the greatest index takes all, equals share, infinite ones too', () => {
  assert.deepEqual(greatest([1, 5, 5], [true, true, true]), [0, 0.5, 0.5]);
  assert.deepEqual(greatest([Infinity, 5, Infinity], [true, true, false]), [1, 0, 0]);
});

test('softmax neither overflows nor underflows to nothing', () => {
  assert.deepEqual(softmax([1e6, 1e6, 0], [true, true, true]), [0.5, 0.5, 0]);
  assert.deepEqual(softmax([-1e9, -2e9], [true, true]), [1, 0]);
});

test('a solo plan has one action per arm', () => {
  assert.deepEqual(soloPlan(['a', 'b'], [0, 1]), { actions: [{ ask: ['a'] }, { ask: ['b'] }], pmf: [0, 1] });
});
