import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ridgeLine } from '../../../../../bench/simulator/rivals/ridge-line.ts';

test('points on a line give the line', () => {
  const { slope, level } = ridgeLine([1, 2, 5, 9].map((x) => ({ x, y: 3 * x - 2 })));
  assert.ok(Math.abs(slope - 3) < 1e-3 && Math.abs(level + 2) < 1e-2, `${slope} ${level}`);
});

test('one point gives a finite line', () => {
  const { slope, level } = ridgeLine([{ x: 4, y: 8 }]);
  assert.ok(Number.isFinite(slope) && Number.isFinite(level));
  assert.ok(Math.abs(slope * 4 + level - 8) < 0.1);
});
