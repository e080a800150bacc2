import assert from 'node:assert/strict';
import { test } from 'node:test';
import { probabilityBest } from '../../../selection-policies/probability-best.ts';
import { StudentScores } from '../../../selection-policies/student-scores.ts';
import { near } from '../../support/selection.ts';

function secondBest(location: readonly [number, number], scale: readonly [number, number], freedom: number): number | undefined {
  return probabilityBest(new StudentScores(Float64Array.from(location), Float64Array.from(scale), Float64Array.of(freedom, freedom)), [true, true])[1];
}

test('normal scores agree with Φ', () => {
  near(secondBest([0, 1], [1, 1], Infinity), 0.7602499389065233, 1e-8);
  near(secondBest([0, 3], [1, 1], Infinity), 0.9830525732376554, 1e-8);
  near(secondBest([0, 1e-3], [1e-3, 1e-9], Infinity), 0.8413447460685429, 1e-8);
});

test('Cauchy scores, whose tails are the heaviest, agree with the arc tangent', () => {
  near(secondBest([0, 1], [1, 2], 1), 0.5 + Math.atan(1 / 3) / Math.PI, 1e-8);
  near(secondBest([0, 50], [1, 1], 1), 0.5 + Math.atan(25) / Math.PI, 1e-8);
});

test('many degrees of freedom come near the normal', () => {
  near(secondBest([0, 1], [1, 1], 1e7), 0.7602499389065233, 1e-6);
});

test('scores that are certain decide', () => {
  assert.deepEqual([secondBest([0.5, 0.6], [0, 0], Infinity), secondBest([0.6, 0.5], [0, 0], 2)], [1, 0]);
});
