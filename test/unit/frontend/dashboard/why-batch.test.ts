import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchPicture } from '../../../../frontend/dashboard/snapshot.ts';
import { whyBatch } from '../../../../frontend/dashboard/why-batch.ts';

const LAW = [1, 8, 16, 32, 64].map((rows) => ({ rows, meanMs: 2 + rows * 0.1, tailMs: 3 + rows * 0.2 }));
const PICTURE: BatchPicture = { controller: 'planner', sloMs: 20, maxBatch: 256, plannedRows: 32, reachRows: 64, law: LAW, batches: [] };

function words(more: Partial<BatchPicture> = {}): string {
  return whyBatch({ ...PICTURE, ...more }).join(' ');
}

test('says what a batch of the planned size takes, what limits it, and what a row adds', () => {
  assert.equal(words(), 'The controller (planner) would send 32 rows from a full queue: such a batch takes 5.20 ms in the mean and 9.40 ms at p99, of an objective of 20 ms. '
    + 'Larger ones would leave too little of the objective for waiting and for the tail. A further row adds 100 µs; a batch takes 2.00 ms whatever its size.');
});

test('says which limit holds', () => {
  assert.match(words({ plannedRows: 64 }), /were not tried yet: it goes beyond 64 rows/);
  assert.match(words({ plannedRows: 32, maxBatch: 32 }), /max_batch allows/);
  assert.match(words({ sloMs: 8 }), /p99 is past the objective/);
  assert.match(words({ controller: 'fixed' }), /fixed at 256 rows/);
});

test('says that nothing is known, or that not even one row can be on time', () => {
  assert.match(words({ law: [] }), /^Nothing was sent yet/);
  assert.match(words({ plannedRows: 0 }), /plans nothing yet/);
  assert.match(words({ sloMs: 2 }), /^Even a single row takes 2.10 ms in the mean, more than the objective of 2 ms: queries with that objective are refused/);
  assert.match(words({ sloMs: 3 }), /Even a single row takes 3.20 ms at p99: some come late whatever the size/);
});
