import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barsOfBreakdowns, barsOfEnsemble } from '../../../../bench/adapt/result.ts';

test('shares are held against their bars in the mean over the runs', () => {
  const runs = [{ shareBefore: 1, shareBroken: 0, shareMended: 1 }, { shareBefore: 1, shareBroken: 0.12, shareMended: 0.6 }];
  assert.deepEqual(barsOfBreakdowns(runs).map(({ value, pass }) => [value, pass]), [[0.06, false], [0.8, true]]);
});

test('an ensemble may be half a point behind, and no more', () => {
  const figures = { accuracyFive: 0.97, accuracyFour: 0.974, p50Ms: 19, p99Ms: 20.5, calibrationError: 0.03, defaultsFive: 0, defaultsFour: 0, missingFive: {}, missingFour: {} };
  assert.deepEqual(barsOfEnsemble(figures).map(({ pass }) => pass), [false, true, true]);
  assert.deepEqual(barsOfEnsemble({ ...figures, accuracyFour: 0.9751, p99Ms: 20 }).map(({ pass }) => pass), [true, false, true]);
});
