import { test } from 'node:test';
import { factorise, solveLower, solveUpper } from '../../../selection-policies/cholesky.ts';
import { random } from '../../../bench/load/random.ts';
import { near } from '../../support/selection.ts';

test('factor and both solves invert a positive definite matrix', () => {
  const draw = random(5);
  const size = 12;
  const rows = Array.from({ length: 30 }, () => Array.from({ length: size }, () => draw() - 0.5));
  const entry = (i: number, j: number): number => rows.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), i === j ? 1 : 0);
  const factor = new Float64Array((size * (size + 1)) / 2);
  for (let i = 0, at = 0; i < size; i++) for (let j = 0; j <= i; j++) factor[at++] = entry(i, j);
  factorise(factor, size, 0.5);
  const wanted = Float64Array.from({ length: size }, () => draw());
  const right = Float64Array.from({ length: size }, (_, i) => wanted.reduce((sum, x, j) => sum + entry(i, j) * x, 0));
  const half = new Float64Array(size);
  const solved = new Float64Array(size);
  solveLower(factor, right, half);
  solveUpper(factor, half, solved);
  solved.forEach((x, i) => near(x, wanted[i] ?? 0, 1e-12));
});

test('a pivot below the least is lifted to it: no NaN from a matrix that is not definite', () => {
  const factor = Float64Array.of(1, 2, 1);
  factorise(factor, 2, 0.5);
  near(factor[2], Math.sqrt(0.5), 1e-15);
});
