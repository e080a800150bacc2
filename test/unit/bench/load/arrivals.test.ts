import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ARRIVALS, gaps, type Arrivals } from '../../../../bench/load/arrivals.ts';
import { random } from '../../../../bench/load/random.ts';

function draw(kind: Arrivals, ratePerSecond: number, n: number): number[] {
  return Array.from({ length: n }, gaps(kind, ratePerSecond, random(3)));
}

/** Variance over mean of the arrivals in windows of 20 ms: 1 for a Poisson process. */
function dispersion(all: readonly number[]): number {
  const counts: number[] = [];
  let at = 0;
  for (const gap of all) {
    at += gap;
    const window = Math.floor(at / 20_000);
    counts[window] = (counts[window] ?? 0) + 1;
  }
  const filled = Array.from(counts, (n) => n ?? 0);
  const mean = filled.reduce((sum, n) => sum + n, 0) / filled.length;
  return filled.reduce((sum, n) => sum + (n - mean) ** 2, 0) / filled.length / mean;
}

for (const kind of ARRIVALS) {
  test(`${kind} arrivals come at the rate that was asked in the mean`, () => {
    const all = draw(kind, 2_000, 400_000);
    const mean = all.reduce((sum, gap) => sum + gap, 0) / all.length;
    assert.ok(Math.abs(mean - 500) < 25, String(mean));
  });
}

test('constant gaps are equal, Poisson counts vary as a Poisson process does, bursty ones clearly more', () => {
  assert.deepEqual(new Set(draw('constant', 1_000, 100)), new Set([1_000]));
  const poisson = dispersion(draw('poisson', 2_000, 200_000));
  assert.ok(poisson > 0.9 && poisson < 1.1, String(poisson));
  assert.ok(dispersion(draw('bursty', 2_000, 200_000)) > 3);
});
