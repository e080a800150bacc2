import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitQuantileLine } from '../../../../../frontend/batching/controllers/quantile-line.ts';
import type { Line } from '../../../../../frontend/batching/controllers/quantile-line.ts';

const NONE: Line = { slope: 0, intercept: 0 };

/** 500 batches of 1 to 100 rows (or of one size), their noise spread evenly over ± `noise`. */
function samples(noise: number, size?: number) {
  const rows = Float64Array.from({ length: 500 }, (_, i) => size ?? 1 + ((i * 37) % 100));
  const micros = rows.map((x, i) => (2000 + 100 * x) * (1 + noise * (((i * 211) % 499) / 249 - 1)));
  return { rows, micros, count: 500 };
}

function near(actual: number, expected: number, share: number): void {
  assert.ok(Math.abs(actual - expected) <= share * Math.abs(expected), `${actual}, expected ${expected}`);
}

test('through exact points goes their line', () => {
  const line = fitQuantileLine(samples(0), 0.99, NONE);
  near(line.slope, 100, 0.01);
  near(line.intercept + 50 * line.slope, 7000, 0.03);
});

test('with noise, the share of the quantile lies below the line', () => {
  for (const quantile of [0.5, 0.9, 0.99]) {
    const noisy = samples(0.3);
    const line = fitQuantileLine(noisy, quantile, NONE);
    const below = noisy.rows.reduce((sum, x, i) => sum + ((noisy.micros[i] ?? 0) <= line.slope * x + line.intercept ? 1 : 0), 0);
    assert.ok(Math.abs(below / 500 - quantile) < 0.02, `${quantile}: ${below} of 500`);
  }
});

test('of one size only, the slope is kept and the line moved', () => {
  const line = fitQuantileLine(samples(0.3, 40), 0.99, { slope: 80, intercept: 1 });
  assert.equal(line.slope, 80);
  near(line.intercept + 40 * 80, 6000 * 1.29, 0.03);
});
