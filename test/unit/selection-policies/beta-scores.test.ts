import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BetaScores } from '../../../selection-policies/beta-scores.ts';
import { logGamma } from '../../../selection-policies/log-gamma.ts';
import { probabilityBest } from '../../../selection-policies/probability-best.ts';
import { near } from '../../support/selection.ts';

/** P(Beta(c, d) > Beta(a, b)) for a whole c: Miller, "Formulas for Bayesian A/B testing". */
function beats(a: number, b: number, c: number, d: number): number {
  const logBeta = (x: number, y: number): number => logGamma(x) + logGamma(y) - logGamma(x + y);
  let sum = 0;
  for (let i = 0; i < c; i++) sum += Math.exp(logBeta(a + i, b + d) - Math.log(d + i) - logBeta(1 + i, d) - logBeta(a, b));
  return sum;
}

const PAIRS: readonly (readonly [number, number, number, number])[] = [
  [1, 1, 1, 1], [1, 1, 2, 1], [3, 7, 5, 5], [100, 900, 120, 880], [1, 1, 5000, 5000], [1, 1000, 1, 1], [2, 1, 1000, 1], [50, 50, 5000, 4000],
  [1, 1e5, 3, 1e5], [20_000, 10_000, 20_100, 9900], [1, 1, 1, 1e6], [7, 1e6, 9, 1e6], [0.1, 0.1, 1, 1], [0.3, 40, 2, 60], [1, 1, 400, 1],
];

test('two arms agree with the closed form to the stated 1e-8', () => {
  for (const [a, b, c, d] of PAIRS) {
    const [, p] = probabilityBest(new BetaScores(Float64Array.of(a, c), Float64Array.of(b, d)), [true, true]);
    near(p, beats(a, b, c, d), 1e-8);
  }
});

test('the range holds nearly all of the density', () => {
  for (const [a, b] of PAIRS) {
    const scores = new BetaScores(Float64Array.of(a), Float64Array.of(b));
    const [low = 0, high = 0] = [scores.low[0], scores.high[0]];
    let sum = 0;
    const out = new Float64Array(8);
    const steps = 2000;
    for (let k = 0; k < steps; k++) {
      scores.prepare(new Float64Array(8).fill(low + ((k + 0.5) / steps) * (high - low)));
      scores.densities(0, out, 0);
      sum += ((out[0] ?? 0) * (high - low)) / steps;
    }
    near(sum, 1, 1e-6);
  }
});

test('more evidence than doubles can tell apart is scaled down, and nothing is NaN', () => {
  const best = probabilityBest(new BetaScores(Float64Array.of(1e15, 1, 1e-1, 9e14), Float64Array.of(1e15, 1e17, 1e15, 1e15)), [true, true, true, true]);
  assert.deepEqual(best.map((p) => Math.round(p * 1e6) / 1e6), [1, 0, 0, 0]);
});
