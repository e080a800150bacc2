import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeadlineRun } from '../../../../frontend/batching/deadline-run.ts';
import { LaneView } from '../../../../frontend/batching/lane-view.ts';

function runOf(tier: number, ...deadlines: number[]): DeadlineRun<{ deadlineAtMicros: number; order: number; count: number }> {
  const run = new DeadlineRun<{ deadlineAtMicros: number; order: number; count: number }>();
  run.tier = tier;
  deadlines.forEach((deadlineAtMicros, order) => run.insert({ deadlineAtMicros, order, count: 2 }));
  return run;
}

test('rows of all runs up to a tier, by deadline', () => {
  const runs = [runOf(0, 20, 40), runOf(0, 10), runOf(3, 5, 30)];
  const all = new LaneView(runs, 3), firm = new LaneView(runs, 0);
  assert.deepEqual([all.rows, all.headDeadlineAtMicros, all.rowsFrom(20), all.firstFrom(21)], [10, 5, 6, 30]);
  assert.deepEqual([firm.rows, firm.headDeadlineAtMicros, firm.rowsFrom(20), firm.firstFrom(21), firm.firstFrom(41)], [6, 10, 4, 40, Infinity]);
});
