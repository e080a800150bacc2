import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coldStart } from '../../../../bench/simulator/cold-start.ts';

test('the planner learns the law in few batches, and follows a container that becomes twice as slow', () => {
  const { batches, followedMicros, trace } = coldStart(1);
  assert.ok(batches <= 100, `${batches} batches`);
  assert.ok(followedMicros > 0 && followedMicros <= 2_000_000, `${followedMicros} µs`);
  // By the true law: 180 rows in 20 ms, then 80; and learning begins with nothing.
  assert.equal(trace[0]?.lawRows, 180);
  assert.equal(trace.at(-1)?.lawRows, 80);
  assert.ok((trace[0]?.plannedRows ?? 180) < 90);
});
