import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capacityOf, lawMicros, lawOf, lineThrough } from '../../../../bench/live/measure-law.ts';

const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 1e-6 * Math.max(1, expected), `${actual}, not ${expected}`);

test('the line through exact times is the law', () => {
  const { microsPerBatch, microsPerRow } = lineThrough([1, 4, 16, 64].map((rows) => ({ rows, medianMicros: 2000 + 100 * rows })));
  near(microsPerBatch, 2000);
  near(microsPerRow, 100);
});

test('neither part of it is below zero', () => {
  assert.deepEqual(lineThrough([{ rows: 1, medianMicros: 200 }, { rows: 2, medianMicros: 100 }]).microsPerRow, 0);
  const steep = lineThrough([{ rows: 1, medianMicros: 10 }, { rows: 10, medianMicros: 500 }]);
  assert.equal(steep.microsPerBatch, 0);
  assert.ok(steep.microsPerRow > 10 && steep.microsPerRow < 50);
});

const linear = lawOf([1, 4, 16, 64].map((rows) => ({ rows, medianMicros: 2000 + 100 * rows })));

test('between two sizes the law is in proportion, and past the last it goes on', () => {
  for (const rows of [1, 2, 4, 5, 40, 64, 100]) near(lawMicros(linear, rows), 2000 + 100 * rows);
  const steps = lawOf([{ rows: 1, medianMicros: 1000 }, { rows: 2, medianMicros: 1000 }, { rows: 4, medianMicros: 3000 }]);
  assert.deepEqual([1, 2, 3, 4].map((rows) => lawMicros(steps, rows)), [1000, 1000, 2000, 3000]);
});

test('no size takes longer than a larger one', () => {
  const { sizes } = lawOf([{ rows: 1, medianMicros: 5155 }, { rows: 2, medianMicros: 5002 }, { rows: 4, medianMicros: 5600 }]);
  assert.deepEqual(sizes.map(({ medianMicros }) => medianMicros), [5002, 5002, 5600]);
});

test('single times stay beside the medians, whatever becomes of those', () => {
  const { sizes } = lawOf([{ rows: 1, medianMicros: 5155, samplesMicros: [5150, 5160] }, { rows: 2, medianMicros: 5002, samplesMicros: [5002] }]);
  assert.deepEqual(sizes.map(({ samplesMicros }) => samplesMicros), [[5150, 5160], [5002]]);
});

test('capacity is at the largest batch that leaves time for another', () => {
  const capacity = capacityOf(linear, 20);
  assert.equal(capacity.rows, 80);
  near(capacity.perSecond, 8000);
  assert.equal(capacityOf(linear, 1).rows, 1);
});
