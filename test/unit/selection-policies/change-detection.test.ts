import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bernoulliKl } from '../../../selection-policies/bernoulli.ts';
import { bernoulliGlr, glrThreshold } from '../../../selection-policies/change-detection.ts';
import { random } from '../../../bench/load/random.ts';
import { near } from '../../support/selection.ts';

test('is s·kl(before, all) + (n - s)·kl(after, all) at the best place', () => {
  const counts = [10, 10, 10, 10];
  const sums = [9, 9, 9, 1];
  const { statistic, split, before, after } = bernoulliGlr({ counts, sums });
  const all = 28 / 40;
  near(statistic, 30 * bernoulliKl(0.9, all) + 10 * bernoulliKl(0.1, all), 1e-12);
  assert.deepEqual({ split, before, after }, { split: 3, before: { count: 30, sum: 27 }, after: { count: 10, sum: 1 } });
});

test('finds nothing where nothing changed, or where there is no place', () => {
  near(bernoulliGlr({ counts: [4, 4, 4], sums: [2, 2, 2] }).statistic, 0, 1e-12);
  for (const blocks of [{ counts: [], sums: [] }, { counts: [7], sums: [3] }, { counts: [0, 7, 0], sums: [0, 3, 0] }]) assert.equal(bernoulliGlr(blocks).statistic, 0);
});

test('hostile blocks give a number', () => {
  for (const sums of [[99, -5, 3], [Number.MAX_VALUE, 0, 0], [-1, -1, -1]]) {
    const { statistic } = bernoulliGlr({ counts: [3, 3, 3], sums });
    assert.ok(statistic >= 0 && statistic < Infinity, String(statistic));
  }
});

test('the threshold is ln(3 n^1.5 / δ)', () => {
  near(glrThreshold(100, 0.01), Math.log((3 * 1000) / 0.01), 1e-12);
});

test('at δ = 0.05, fewer than 5 % of 200 runs without a change alarm in 1,000 rewards, and nearly all with one within 100', () => {
  const draw = random(7);
  const alarm = (mean: (t: number) => number): number => {
    const blocks = { counts: [] as number[], sums: [] as number[] };
    for (let t = 0; t < 1000; t++) {
      if (t % 10 === 0) {
        blocks.counts.push(0);
        blocks.sums.push(0);
      }
      const last = blocks.counts.length - 1;
      blocks.counts[last] = (blocks.counts[last] ?? 0) + 1;
      blocks.sums[last] = (blocks.sums[last] ?? 0) + (draw() < mean(t) ? 1 : 0);
      if (t % 10 === 9 && bernoulliGlr(blocks).statistic > glrThreshold(t + 1, 0.05)) return t;
    }
    return Infinity;
  };
  const runs = Array.from({ length: 200 });
  assert.ok(runs.filter(() => alarm(() => 0.7) < Infinity).length < 10);
  const changed = runs.map(() => alarm((t) => (t < 500 ? 0.9 : 0.3)));
  assert.ok(changed.filter((t) => t >= 500 && t < 600).length > 190);
});
