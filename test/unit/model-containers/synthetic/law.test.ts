import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Law } from '../../../../model-containers/synthetic/law.ts';
import { fateOf, paddedRows, serviceMs } from '../../../../model-containers/synthetic/law.ts';

const LAW: Law = {
  perBatchMs: 2, perRowMs: 0.1, noise: 0, padTo: undefined, seed: 1, fail: 0, crash: 0, hang: 0, wrongRows: 0, garbage: 0, poison: undefined, rowError: undefined,
};

test('without noise the law is a line', () => {
  for (const rows of [1, 10, 128]) assert.equal(serviceMs(LAW, 0, rows), 2 + 0.1 * rows);
});

test('noise stays within its width, is even about the line, and repeats with the seed', () => {
  const noisy = { ...LAW, noise: 0.25 };
  const times = Array.from({ length: 4000 }, (_, batch) => serviceMs(noisy, batch, 10) / 3);
  assert.ok(times.every((time) => time >= 0.75 && time < 1.25));
  assert.ok(Math.abs(times.reduce((sum, time) => sum + time, 0) / times.length - 1) < 0.01);
  assert.equal(serviceMs(noisy, 7, 10), serviceMs(noisy, 7, 10));
  assert.notEqual(serviceMs(noisy, 7, 10), serviceMs({ ...noisy, seed: 2 }, 7, 10));
});

test('rows are padded to powers of two, or to steps and multiples of the last', () => {
  assert.deepEqual([1, 2, 3, 5, 64, 65].map((rows) => paddedRows('pow2', rows)), [1, 2, 4, 8, 64, 128]);
  assert.deepEqual([1, 4, 5, 16, 17, 33].map((rows) => paddedRows([4, 16], rows)), [4, 4, 16, 16, 32, 48]);
  assert.equal(paddedRows(undefined, 7), 7);
});

test('fates come as often as their probabilities say, and no two at once', () => {
  const faulty = { ...LAW, fail: 0.1, crash: 0.05, hang: 0.2, wrongRows: 0.15, garbage: 0.25 };
  const counts = new Map<string, number>();
  for (let batch = 0; batch < 20_000; batch++) {
    const fate = fateOf(faulty, batch);
    counts.set(fate, (counts.get(fate) ?? 0) + 1 / 20_000);
  }
  const expected = { fail: 0.1, crash: 0.05, hang: 0.2, wrong_rows: 0.15, garbage: 0.25, answer: 0.25 };
  for (const [fate, probability] of Object.entries(expected)) assert.ok(Math.abs((counts.get(fate) ?? 0) - probability) < 0.015, `${fate}: ${counts.get(fate)}`);
  assert.equal(fateOf(LAW, 3), 'answer');
  assert.equal(fateOf({ ...LAW, crash: 1 }, 3), 'crash');
});
