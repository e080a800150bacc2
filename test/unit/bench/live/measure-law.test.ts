import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capacityOf, lineThrough } from '../../../../bench/live/measure-law.ts';

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

test('capacity is at the largest batch that leaves time for another', () => {
  const capacity = capacityOf({ microsPerBatch: 2000, microsPerRow: 100 }, 20);
  assert.equal(capacity.rows, 80);
  near(capacity.perSecond, 8000);
  assert.equal(capacityOf({ microsPerBatch: 2000, microsPerRow: 100 }, 1).rows, 1);
});
