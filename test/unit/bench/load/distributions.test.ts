import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../../../bench/load/random.ts';
import { gamma, normal } from '../../../../bench/load/distributions.ts';

function moments(draw: () => number): { mean: number; variance: number } {
  const samples = Array.from({ length: 40_000 }, draw);
  const mean = samples.reduce((a, b) => a + b) / samples.length;
  return { mean, variance: samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / samples.length };
}

function near(actual: number, expected: number, within: number): void {
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not within ${within} of ${expected}`);
}

test('normal has mean 0 and variance 1', () => {
  const draw = random(1);
  const { mean, variance } = moments(() => normal(draw));
  near(mean, 0, 0.02);
  near(variance, 1, 0.03);
});

test('gamma has mean 1 and variance 1 / shape, below shape 1 and above', () => {
  for (const shape of [0.5, 1, 4]) {
    const draw = random(shape * 8);
    const { mean, variance } = moments(() => gamma(draw, shape));
    near(mean, 1, 0.03);
    near(variance, 1 / shape, 0.1 / shape);
  }
});
