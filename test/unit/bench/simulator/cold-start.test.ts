import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coldStart } from '../../../../bench/simulator/cold-start.ts';

test('the planner learns the law in few batches, and follows a container that becomes twice as slow', () => {
  const { batches, followedMicros, answered, exploringLate, trace } = coldStart(1);
  assert.ok(batches <= 100, `${batches} batches`);
  assert.ok(followedMicros > 0 && followedMicros <= 2_000_000, `${followedMicros} µs`);
  assert.ok(answered > 10_000 && exploringLate <= answered / 1000, `${exploringLate} of ${answered} late for trying`);
  // By the true law: 180 rows in 20 ms, then 80; and learning begins with nothing.
  assert.deepEqual([...new Set(trace.map(({ lawRows }) => lawRows))], [180, 80]);
  assert.ok((trace[0]?.plannedRows ?? 180) < 90);
});
