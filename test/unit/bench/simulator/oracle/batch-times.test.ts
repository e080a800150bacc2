import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSorted, batchTimes } from '../../../../../bench/simulator/oracle/batch-times.ts';

test('times reach as far as the SLO and the most rows', () => {
  const lawMicros = (rows: number): number => 10 * rows;
  assert.deepEqual([...batchTimes({ lawMicros, sloMicros: 30, maxRows: 100 })], [0, 10, 20, 30]);
  assert.deepEqual([...batchTimes({ lawMicros, sloMicros: 30, maxRows: 2 })], [0, 10, 20]);
  assert.deepEqual([...batchTimes({ lawMicros, sloMicros: 9, maxRows: 2 })], [0]);
});

test('a level law is taken, one that falls or is not positive is refused', () => {
  assert.equal(batchTimes({ lawMicros: () => 5, sloMicros: 5, maxRows: 3 }).length, 4);
  for (const lawMicros of [() => 0, () => NaN, (rows: number) => 9 - rows]) assert.throws(() => batchTimes({ lawMicros, sloMicros: 10, maxRows: 3 }), RangeError);
});

test('arrivals may be equal, not out of order', () => {
  assertSorted(Float64Array.of(1, 1, 2));
  assert.throws(() => assertSorted(Float64Array.of(2, 1)), RangeError);
  assert.throws(() => assertSorted(Float64Array.of(2, NaN)), RangeError);
});
