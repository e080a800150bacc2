import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentArrivals } from '../../../../frontend/batching/recent-arrivals.ts';

test('the last one and the first of the last four are known, as far as there were so many', () => {
  const recent = new RecentArrivals();
  const seen: number[][] = [[recent.lastAtMicros, recent.fourthLastAtMicros]];
  for (const at of [10, 20, 30, 40, 50, 90]) {
    recent.arrived(at);
    seen.push([recent.lastAtMicros, recent.fourthLastAtMicros]);
  }
  assert.deepEqual(seen, [[-Infinity, -Infinity], [10, -Infinity], [20, -Infinity], [30, -Infinity], [40, 10], [50, 20], [90, 30]]);
});
