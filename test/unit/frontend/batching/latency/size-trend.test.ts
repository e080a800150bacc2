import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SizeTrend } from '../../../../../frontend/batching/latency/size-trend.ts';

const SIZES = [1, 40, 3, 90, 12, 7, 60, 25];

function shown(ratio: (rows: number, i: number) => number, batches = 100): SizeTrend {
  const trend = new SizeTrend();
  for (let i = 0; i < batches; i++) {
    const rows = SIZES[i % SIZES.length] ?? 1;
    trend.observe(rows, ratio(rows, i));
  }
  return trend;
}

test('a factor on all sizes is no trend, with noise or without', () => {
  assert.ok(!shown(() => 3).isClear);
  assert.ok(!shown((_, i) => 3 * (1 + 0.3 * Math.sin(i * 2.4))).isClear);
});

test('another shape is one, with noise or without', () => {
  const other = (rows: number) => (10_000 + 20 * rows) / (2000 + 200 * rows);
  assert.ok(shown(other).isClear);
  assert.ok(shown((rows, i) => other(rows) * (1 + 0.3 * Math.sin(i * 2.4))).isClear);
});

test('a few batches, or batches of one size, show no trend', () => {
  assert.ok(!shown((rows) => rows, 20).isClear);
  const trend = new SizeTrend();
  for (let i = 0; i < 100; i++) trend.observe(8, 1 + i / 100);
  assert.ok(!trend.isClear);
});

test('a slight trend is let be', () => {
  assert.ok(!shown((rows) => rows ** 0.02).isClear);
});
