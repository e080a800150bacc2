import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchReport } from '../../../../frontend/batching/task.ts';
import { ModelTotals } from '../../../../frontend/dispatch/model-totals.ts';
import type { RowTask } from '../../../../frontend/dispatch/row-task.ts';

function report(arrivals: readonly number[], more: Partial<BatchReport<RowTask>> = {}): BatchReport<RowTask> {
  const slices = arrivals.map((arrivedAtMicros) => ({ task: { query: { arrivedAtMicros } } as RowTask, first: 0, count: 2 }));
  return { batch: { slices, rows: arrivals.length * 2, sentAtMicros: 100 } as unknown as BatchReport<RowTask>['batch'], endedAtMicros: 400, unanswered: [], outcome: 'done', computeMicros: 200, ...more };
}

test('a batch counts once, its times for each request that was in it', () => {
  const totals = new ModelTotals();
  totals.batch(report([50, 80]));
  assert.deepEqual([totals.batches, totals.rows, totals.lastAtMicros], [1, 4, 400]);
  assert.deepEqual([totals.success, totals.queue, totals.compute, totals.transfer], [{ count: 2, micros: 670 }, { count: 2, micros: 70 }, { count: 2, micros: 400 }, { count: 2, micros: 200 }]);
  totals.batch(report([50]));
  assert.deepEqual(totals.byRows(), [{ rows: 2, compute: { count: 1, micros: 200 } }, { rows: 4, compute: { count: 1, micros: 200 } }]);
});

test('what failed counts as failed, and nowhere else; a model takes no longer than its batch', () => {
  const totals = new ModelTotals();
  totals.batch(report([0], { outcome: 'lost' }));
  assert.deepEqual([totals.batches, totals.fail, totals.success.count], [0, { count: 1, micros: 400 }, 0]);
  totals.batch(report([100], { computeMicros: 10_000 }));
  assert.deepEqual([totals.compute.micros, totals.transfer.micros], [300, 0]);
});
