import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WatchedRule } from '../../../../bench/worlds/watched-rule.ts';
import type { Batch, BatchReport, Next } from '../../../../frontend/batching/task.ts';
import type { BatchRule } from '../../../../frontend/dispatch/model-queue.ts';
import { Gather } from '../../../../frontend/dispatch/gather.ts';
import type { RowTask } from '../../../../frontend/dispatch/row-task.ts';

const TASK = new Gather(
  { slot: 0, app: 'a', arrivedAtMicros: 0, sloMicros: 100, deadlineAtMicros: 100, rows: 1, many: false, columns: [], batchKey: 'x', explain: false },
  100, { read: () => 'none', onDone: () => undefined },
);

function batch(id: number, more: Partial<Batch<RowTask>> = {}): Batch<RowTask> {
  return { id, replica: 'r', slices: [{ task: TASK, first: 0, count: 1 }], rows: 1, sentAtMicros: 0, deadlineAtMicros: 100, sloMicros: 100, hungAtMicros: Infinity, full: false, ...more };
}

/** A rule that hands out these batches, watched; and what is found. */
function watched(batches: readonly Batch<RowTask>[], queuedRows = 0): { rule: WatchedRule; found: string[] } {
  const left = [...batches];
  const inner: BatchRule = {
    queuedRows, offer: () => ({ kind: 'admitted' }), cancel: () => 0, expire: () => [], nextExpiry: () => Infinity, abandon: () => [], observe: () => [],
    next: (): Next<RowTask> => {
      const next = left.shift();
      return next === undefined ? { kind: 'idle', settled: [] } : { kind: 'flush', batch: next, settled: [] };
    },
  };
  const found: string[] = [];
  return { rule: new WatchedRule(inner, { maxQueueRows: 10, maxRows: 4, quickestMicros: (rows) => 10 * rows, fail: (what) => found.push(what) }), found };
}

const REPLICA = { id: 'r', maxBatch: 8 };

function report(of: Batch<RowTask>, outcome: BatchReport<RowTask>['outcome'], endedAtMicros = 50): BatchReport<RowTask> {
  return { batch: of, endedAtMicros, outcome, unanswered: [] };
}

test('what is as it must be is let be', () => {
  const { rule, found } = watched([batch(1)]);
  rule.offer(TASK, 0, { replicas: 1 });
  rule.next(0, REPLICA);
  assert.equal(rule.underWay, 1);
  rule.observe(report(batch(1), 'done'), 50);
  assert.equal(rule.underWay, 0);
  assert.deepEqual(found, []);
});

test('a queue above its bound, a row past its deadline, a wrong sum of rows are found', () => {
  const full = watched([], 11);
  full.rule.offer(TASK, 0, { replicas: 1 });
  assert.match(full.found.join(), /11 rows wait; 10 may/);
  const late = watched([batch(1)]);
  late.rule.next(100, REPLICA);
  assert.match(late.found.join(), /deadline has passed/);
  const miscounted = watched([batch(1, { rows: 2 })]);
  miscounted.rule.next(0, REPLICA);
  assert.match(miscounted.found.join(), /says 2 rows/);
});

test('a row that can no longer be on time is found, once it is known how long batches take, where it was not sent to learn', () => {
  const inVain = { sentAtMicros: 96 };
  const known = Array.from({ length: 20 }, (_, i) => batch(i + 1));
  const { rule, found } = watched([batch(0, inVain), ...known, batch(30, { sentAtMicros: 95 }), batch(31, { ...inVain, exploring: true }), batch(32, inVain)]);
  rule.next(96, REPLICA);
  for (const one of known) {
    rule.next(0, REPLICA);
    rule.observe(report(one, 'done'), 50);
  }
  for (const now of [95, 96]) rule.next(now, REPLICA);
  assert.deepEqual(found, []);
  rule.next(96, REPLICA);
  assert.match(found.join(), /batch 32 of 1 rows holds one that has 4 µs left; the batch takes 10/);
});

test('a batch that ends twice, or leaves twice, is found', () => {
  const twice = watched([batch(1), batch(1)]);
  twice.rule.next(0, REPLICA);
  twice.rule.next(0, REPLICA);
  assert.match(twice.found.join(), /left twice/);
  twice.rule.observe(report(batch(1), 'done'), 50);
  twice.rule.observe(report(batch(1), 'done'), 50);
  assert.match(twice.found.join(), /ended twice/);
});

test('more searching than one error allows is found', () => {
  const slices = [{ task: TASK, first: 0, count: 2 }];
  const searches = Array.from({ length: 5 }, (_, i) => batch(i + 2, { repeat: 'bisect' }));
  const { rule, found } = watched([batch(1, { slices, rows: 2 }), ...searches]);
  rule.next(0, REPLICA);
  rule.observe(report(batch(1, { slices, rows: 2 }), 'error'), 50);
  for (const search of searches) {
    rule.next(50, REPLICA);
    rule.observe(report(search, 'error'), 60);
  }
  assert.match(found.join(), /5 batches in search of bad rows; 4 may be/);
});
