import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchSpans, PricedSchedule } from '../../../../../bench/simulator/oracle/priced-schedule.ts';

test('batches of as many cells are as large as the largest and as quick as the quickest', () => {
  assert.deepEqual(batchSpans(Float64Array.of(0, 10, 14, 19, 20, 35), 10), [
    { cells: 1, rows: 3, micros: 10 }, { cells: 2, rows: 4, micros: 20 }, { cells: 3, rows: 5, micros: 35 },
  ]);
  assert.throws(() => batchSpans(Float64Array.of(0, 9), 10), RangeError);
});

const TIMES = Float64Array.of(0, 10, 12);
const solve = (arrivals: readonly number[], sloMicros: number, worths: readonly number[]) => {
  const schedule = new PricedSchedule({
    groups: [{ sloMicros, arrivalsMicros: Float64Array.from(arrivals), tasks: Int32Array.from(arrivals.keys()) }],
    spans: batchSpans(TIMES, 1), gridMicros: 1, lastMicros: (arrivals.at(-1) ?? 0) + sloMicros, highestWorth: 100,
  });
  const given = Int32Array.from(worths);
  const served = new Float64Array(arrivals.length);
  const worth = schedule.solve(given);
  schedule.count(given, 1, served);
  return { worth, served: [...served] };
};

test('the dearer ones are taken where not all can be', () => {
  assert.deepEqual(solve([0, 0, 0], 12, [3, 5, 4]), { worth: 9, served: [0, 1, 1] });
});

test('a task earns again in every batch that can serve it', () => {
  assert.deepEqual(solve([0], 35, [7]), { worth: 21, served: [3] });
});

test('what is worth nothing is not served, and what has not come cannot be', () => {
  assert.deepEqual(solve([0, 0], 12, [0, 5]), { worth: 5, served: [0, 1] });
  assert.deepEqual(solve([0, 5], 12, [9, 8]), { worth: 9, served: [1, 0] });
});
