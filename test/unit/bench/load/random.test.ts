import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exponential, random } from '../../../../bench/load/random.ts';

test('the same seed gives the same numbers, another seed others', () => {
  const take = (seed: number): number[] => {
    const draw = random(seed);
    return Array.from({ length: 50 }, draw);
  };
  assert.deepEqual(take(7), take(7));
  assert.notDeepEqual(take(7), take(8));
});

test('numbers lie in [0, 1) and fill it evenly', () => {
  const draw = random(1);
  const bins = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const x = draw();
    assert.ok(x >= 0 && x < 1, String(x));
    const bin = Math.floor(x * 10);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  for (const n of bins) assert.ok(Math.abs(n - 10_000) < 500, bins.join(' '));
});

test('an exponential has the mean that was asked, and as large a deviation', () => {
  const draw = random(2);
  const all = Array.from({ length: 100_000 }, () => exponential(draw, 40));
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
  const deviation = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length);
  assert.ok(Math.abs(mean - 40) < 1, String(mean));
  assert.ok(Math.abs(deviation - 40) < 1.5, String(deviation));
});
