import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TailRatio } from '../../../../../frontend/batching/latency/tail-ratio.ts';

const MS = 1000;
const SECOND = 1000 * MS;

/** `count` ratios spread evenly over `from` … `to`, in an order without pattern, one each 10 ms. */
function spread(tail: TailRatio, from: number, to: number, count: number): void {
  for (let i = 0; i < count; i++) tail.observe(from + ((to - from) * ((i * 389) % 997)) / 997, i * 10 * MS);
}

test('without noise the tail is the mean', () => {
  const tail = new TailRatio({ quantile: 0.99 });
  assert.ok(tail.ratio < 1.001);
  for (let i = 0; i < 100; i++) tail.observe(1, i * 10 * MS);
  assert.ok(tail.ratio >= 1 && tail.ratio < 1.001, `${tail.ratio}`);
});

test('of even noise of 30 % it is the quantile', () => {
  for (const [quantile, expected] of [[0.99, 1.294], [0.9, 1.24]] as const) {
    const tail = new TailRatio({ quantile });
    spread(tail, 0.7, 1.3, 997);
    assert.ok(Math.abs(tail.ratio - expected) < 0.015, `${quantile}: ${tail.ratio}`);
  }
});

test('one batch alone is no tail, two of few are', () => {
  const tail = new TailRatio({ quantile: 0.99 });
  for (let i = 0; i < 30; i++) tail.observe(1, i * 10 * MS);
  tail.observe(5, 300 * MS);
  assert.ok(tail.ratio < 1.01, `${tail.ratio}`);
  tail.observe(5, 310 * MS);
  assert.ok(tail.ratio > 4.5, `${tail.ratio}`);
});

test('a tail is forgotten by number and by age', () => {
  const byNumber = new TailRatio({ quantile: 0.99 });
  for (let i = 0; i < 10; i++) byNumber.observe(4, 0);
  for (let i = 0; i < 2500; i++) byNumber.observe(1, 0);
  assert.ok(byNumber.ratio < 1.01, `${byNumber.ratio}`);
  const byAge = new TailRatio({ quantile: 0.99 });
  for (let i = 0; i < 10; i++) byAge.observe(4, 0);
  for (let i = 0; i < 20; i++) byAge.observe(1, 600 * SECOND);
  assert.ok(byAge.ratio < 1.01, `${byAge.ratio}`);
});

test('a prior holds until a few hundred batches say otherwise', () => {
  const tail = new TailRatio({ quantile: 0.99, prior: 1.5 });
  assert.ok(Math.abs(tail.ratio - 1.5) < 0.05, `${tail.ratio}`);
  for (let i = 0; i < 20; i++) tail.observe(1, i * 10 * MS);
  assert.ok(Math.abs(tail.ratio - 1.5) < 0.05, `${tail.ratio}`);
  for (let i = 20; i < 500; i++) tail.observe(1, i * 10 * MS);
  assert.ok(tail.ratio < 1.01, `${tail.ratio}`);
});

test('ratios and times beyond measure leave it a number', () => {
  const tail = new TailRatio({ quantile: 0.99 });
  for (const ratio of [1e-12, 1e12, 1]) for (const now of [0, 1e15, -5, 2e15]) tail.observe(ratio, now);
  assert.ok(Number.isFinite(tail.ratio) && tail.ratio >= 1);
});
