import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlannerController } from '../../../../frontend/batching/controllers/planner.ts';
import { endlessQueue } from '../../../../frontend/batching/endless-queue.ts';
import { exactLaw } from '../../../support/exact-law.ts';

test('rows of every age up to the SLO; a planner takes as many as the SLO lasts for', () => {
  const law = exactLaw((rows) => 2_000 + 100 * rows);
  const endless = endlessQueue(law, { now: 500, sloMicros: 20_000, replica: { id: 'r', maxBatch: 1_000 }, mostRows: 1_000 });
  assert.deepEqual([endless.waiting.firstFrom(700), endless.waiting.firstFrom(20_501), endless.waiting.rowsFrom(20_501)], [700, Infinity, 0]);
  assert.equal(new PlannerController({ maxBatch: 1_000 }).decide(endless).rows, 180);
});
