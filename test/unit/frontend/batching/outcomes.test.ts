import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OUTCOMES, Outcomes } from '../../../../frontend/batching/outcomes.ts';

const shares = (outcomes: Outcomes, tail: number) => Array.from({ length: OUTCOMES }, (_, i) => outcomes.share(i, tail));

test('at first a normal with the law’s tail about the mean, never below nothing', () => {
  const outcomes = new Outcomes();
  const first = shares(outcomes, 1.3);
  assert.deepEqual(first, first.toSorted((a, b) => a - b));
  assert.ok(Math.abs(first.reduce((sum, share) => sum + share, 0) / OUTCOMES - 1) < 1e-9);
  assert.ok((first.at(-1) ?? 0) < 1.3 && (first.at(-1) ?? 0) > 1.15);
  assert.deepEqual(shares(outcomes, 1), new Array(OUTCOMES).fill(1));
  assert.equal(outcomes.share(0, 10), 0);
});

test('then what batches took, the last of them', () => {
  const outcomes = new Outcomes();
  for (let i = 0; i < 64; i++) outcomes.observe(5);
  for (let i = 0; i < 256; i++) outcomes.observe(0.5 + (i % 8) / 8);
  assert.deepEqual(shares(outcomes, 2), [0.5, 0.625, 0.75, 0.875, 1, 1.125, 1.25, 1.375]);
});
