import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bernoulliKl } from '../../../selection-policies/bernoulli.ts';
import { near } from '../../support/selection.ts';

test('is p ln(p/q) + (1-p) ln((1-p)/(1-q)), with its limits', () => {
  near(bernoulliKl(0.5, 0.25), 0.5 * Math.log(2) + 0.5 * Math.log(2 / 3), 1e-15);
  assert.deepEqual([bernoulliKl(0, 0), bernoulliKl(1, 1), bernoulliKl(0.3, 0.3)], [0, 0, 0]);
  assert.deepEqual([bernoulliKl(0.5, 0), bernoulliKl(0.5, 1)], [Infinity, Infinity]);
  near(bernoulliKl(0, 0.5), Math.log(2), 1e-15);
});
