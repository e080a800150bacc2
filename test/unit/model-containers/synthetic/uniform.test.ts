import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uniform } from '../../../../model-containers/synthetic/uniform.ts';

test('the same three numbers give the same draw; others do not', () => {
  assert.equal(uniform(1, 2, 3), uniform(1, 2, 3));
  const draws = new Set([uniform(1, 2, 3), uniform(2, 2, 3), uniform(1, 3, 3), uniform(1, 2, 4), uniform(2 ** 40 + 1, 2, 3)]);
  assert.equal(draws.size, 5);
});

test('draws are spread evenly over [0, 1)', () => {
  const bins = new Uint32Array(20);
  for (let k = 0; k < 20_000; k++) {
    const draw = uniform(42, k, 0);
    assert.ok(draw >= 0 && draw < 1);
    bins[Math.floor(draw * 20)] = (bins[Math.floor(draw * 20)] ?? 0) + 1;
  }
  const chi = [...bins].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  // The 99.99 % quantile of chi-squared with 19 degrees of freedom.
  assert.ok(chi < 49.6, `chi-squared ${chi}`);
});
