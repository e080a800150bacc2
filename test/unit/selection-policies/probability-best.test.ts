import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BetaScores } from '../../../selection-policies/beta-scores.ts';
import { probabilityBest, type Scores } from '../../../selection-policies/probability-best.ts';
import { SEED, seeded } from '../../support/random.ts';
import { near, sum } from '../../support/selection.ts';

/** The same scores, asking for panels a fraction as wide. */
function finer(scores: Scores, part: number): Scores {
  return {
    low: scores.low, high: scores.high, width: (i, at) => scores.width(i, at) * part,
    prepare: (points) => scores.prepare(points), densities: (i, out, from) => scores.densities(i, out, from),
  };
}

const evidence = fc.tuple(fc.double({ min: 0, max: 6, noNaN: true }), fc.double({ min: 0, max: 6, noNaN: true })).map(([a, b]) => [10 ** a, 10 ** b] as const);

test(seeded('panels three times finer give the same to 1e-7, for any arms'), () => {
  fc.assert(fc.property(fc.array(evidence, { minLength: 2, maxLength: 8 }), (arms) => {
    const scores = new BetaScores(Float64Array.from(arms, ([a]) => a), Float64Array.from(arms, ([, b]) => b));
    const mask = arms.map(() => true);
    const exact = probabilityBest(finer(scores, 1 / 3), mask);
    probabilityBest(scores, mask).forEach((p, i) => near(p, exact[i] ?? 0, 1e-7));
  }), { seed: SEED, numRuns: 150 });
});

test('a narrow arm under a wide one is not stepped over', () => {
  const best = probabilityBest(new BetaScores(Float64Array.of(1, 5000), Float64Array.of(1, 5000)), [true, true]);
  near(best[0], 0.5, 1e-8);
});

test('masked arms have nothing, the others what they would have without them', () => {
  const scores = new BetaScores(Float64Array.of(9, 3, 5), Float64Array.of(1, 3, 4));
  const alone = probabilityBest(new BetaScores(Float64Array.of(3, 5), Float64Array.of(3, 4)), [true, true]);
  const best = probabilityBest(scores, [false, true, true]);
  assert.equal(best[0], 0);
  near(best[1], alone[0] ?? 0, 1e-12);
  assert.deepEqual(probabilityBest(scores, [false, false, true]), [0, 0, 1]);
  assert.throws(() => probabilityBest(scores, [false, false, false]), RangeError);
});

test('a hundred equal arms share evenly', () => {
  const best = probabilityBest(new BetaScores(new Float64Array(100).fill(2), new Float64Array(100).fill(3)), new Array<boolean>(100).fill(true));
  near(sum(best), 1, 2 ** -40);
  for (const p of best) near(p, 0.01, 1e-12);
});
