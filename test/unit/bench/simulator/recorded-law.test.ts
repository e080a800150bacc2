import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordedMicros } from '../../../../bench/simulator/recorded-law.ts';

const BATCHES = [{ rows: 3, micros: 500 }, { rows: 1, micros: 300 }, { rows: 1, micros: 100 }, { rows: 3, micros: 700 }, { rows: 3, micros: 600 }];

test('of a size that was seen it is the mean, or a time of it', () => {
  assert.equal(recordedMicros(BATCHES, 1), 200);
  assert.equal(recordedMicros(BATCHES, 3), 600);
  assert.deepEqual([0, 0.49, 0.5, 0.99].map((quantile) => recordedMicros(BATCHES, 1, quantile)), [100, 100, 300, 300]);
  assert.deepEqual([0, 0.4, 0.9].map((quantile) => recordedMicros(BATCHES, 3, quantile)), [500, 600, 700]);
});

test('between two sizes it lies between theirs, beyond them on the line through the outermost', () => {
  assert.equal(recordedMicros(BATCHES, 2), 400);
  assert.equal(recordedMicros(BATCHES, 2, 0.9), 500);
  assert.equal(recordedMicros(BATCHES, 6), 1200);
  assert.equal(recordedMicros(BATCHES, 6, 0), 1000);
  assert.equal(recordedMicros([{ rows: 2, micros: 10 }], 4), 20);
});

test('without a batch there is no law', () => {
  assert.throws(() => recordedMicros([], 1), /needs batches/);
});
