import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measuredArrivals } from '../../../../bench/live/live-point.ts';

test('arrivals are those after the warm-up, in order, as many as the rate gives', () => {
  const arrivals = measuredArrivals({ ratePerSecond: 1000, seconds: 5, seed: 3 });
  assert.ok(Math.abs(arrivals.length - 5000) < 300, `${arrivals.length} arrivals`);
  assert.ok((arrivals[0] ?? 0) >= 2e6 && (arrivals.at(-1) ?? 0) < 7e6);
  assert.deepEqual(arrivals, arrivals.toSorted());
  assert.deepEqual(arrivals, measuredArrivals({ ratePerSecond: 1000, seconds: 5, seed: 3 }));
});
