import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Knots } from '../../../../../frontend/batching/latency/knots.ts';
import { LineFit } from '../../../../../frontend/batching/latency/line-fit.ts';
import { Misfit } from '../../../../../frontend/batching/latency/misfit.ts';

/** Fits the points a few times over, as a curve does while it learns. */
function fitted(points: readonly (readonly [rows: number, micros: number, batches?: number])[], padded = false): LineFit {
  const knots = new Knots();
  for (const [rows, micros, batches = 8] of points) knots.add(rows - 1, rows, micros, batches);
  const line = new LineFit({ padded });
  for (let i = 0; i < 10; i++) line.fit(knots, new Misfit());
  return line;
}

function near(actual: number, expected: number, share: number): void {
  assert.ok(Math.abs(actual - expected) <= share * expected, `${actual}, expected ${expected}`);
}

test('nothing is known before the first fit, nor after clear', () => {
  const line = new LineFit({ padded: false });
  assert.equal(line.at(5), 0);
  line.fit(new Knots(), new Misfit());
  assert.equal(line.at(5), 0);
  const cleared = fitted([[1, 100]]);
  cleared.clear();
  assert.equal(cleared.at(1), 0);
});

test('points on a line give the line', () => {
  const line = fitted([1, 2, 4, 8, 16, 32, 64].map((rows) => [rows, 2000 + 100 * rows]));
  for (const rows of [1, 3, 10, 50, 64, 200]) near(line.at(rows), 2000 + 100 * rows, 0.01);
});

test('one size alone keeps its mean and leaves the rest nearly level', () => {
  const line = fitted([[32, 6400]]);
  near(line.at(32), 6400, 1e-9);
  assert.ok(line.at(1) > 6000 && line.at(64) < 7000, `${line.at(1)} … ${line.at(64)}`);
});

test('a law never falls, and never starts below 0', () => {
  const falling = fitted([[1, 900], [10, 500]]);
  assert.ok(falling.at(100) >= falling.at(1));
  const bent = fitted([[1, 100], [10, 3000], [20, 12_000]]);
  assert.ok(bent.at(0) >= 0);
});

test('one point far off hardly moves the line', () => {
  const points = [1, 2, 4, 8, 16, 32].map((rows): [number, number] => [rows, 2000 + 100 * rows]);
  const line = fitted([...points, [24, 44_000, 1]]);
  near(line.at(16), 3600, 0.05);
});

test('over padded sizes the line has steps at powers of two', () => {
  const line = fitted([[1, 1100], [2, 1200], [3, 1400], [8, 1800], [9, 2600], [16, 2600]], true);
  near(line.at(5), 1800, 0.01);
  near(line.at(17), 4200, 0.01);
  assert.equal(line.at(9), line.at(16));
});
