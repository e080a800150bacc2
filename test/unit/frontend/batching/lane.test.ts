import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lane } from '../../../../frontend/batching/lane.ts';
import type { Slice } from '../../../../frontend/batching/task.ts';
import { WaitingTally } from '../../../../frontend/batching/waiting-tally.ts';
import { WaitingTask } from '../../../../frontend/batching/waiting-task.ts';
import { makeTask, show, type TestTask } from '../../../support/batch-tasks.ts';

type Row = readonly [name: string, deadline: number, tier?: number, count?: number];

function laneOf(...rows: readonly Row[]): { lane: Lane<TestTask>; tally: WaitingTally; items: WaitingTask<TestTask>[] } {
  const tally = new WaitingTally();
  const lane = new Lane<TestTask>('k', { tally, spareRuns: [] });
  const items = rows.map(([name, deadlineAtMicros, tier = 0, count = 1], order) => new WaitingTask(makeTask({ name, deadlineAtMicros, count }), order, tier));
  for (const item of items) lane.insert(item);
  return { lane, tally, items };
}

test('by deadline, equals as they came, over all runs', () => {
  const { lane } = laneOf(['a', 30], ['b', 10], ['c', 20, 4], ['d', 10], ['e', 40, 4]);
  assert.equal(lane.head?.task.name, 'b');
  assert.deepEqual(show(lane.take({ rows: 9, from: -Infinity, byTier: false })), ['b:0+1', 'd:0+1', 'c:0+1', 'a:0+1', 'e:0+1']);
});

test('by tier first, and the last task is split', () => {
  const { lane, tally } = laneOf(['a', 30, 0, 2], ['b', 10, 4, 3], ['c', 20, 4, 3]);
  assert.deepEqual(show(lane.take({ rows: 6, from: -Infinity, byTier: true })), ['a:0+2', 'b:0+3', 'c:0+1']);
  lane.settle();
  assert.deepEqual([lane.head?.first, lane.head?.count, tally.rows, lane.runs.length], [1, 2, 2, 1]);
});

test('who is too early for a batch stays, or is dropped', () => {
  const { lane } = laneOf(['a', 10], ['b', 20], ['c', 15, 3], ['d', 30, 3]);
  assert.deepEqual(show(lane.take({ rows: 1, from: 16, byTier: false })), ['b:0+1']);
  const dropped: Slice<TestTask>[] = [];
  lane.dropBefore(20, (slice) => dropped.push(slice));
  lane.settle();
  assert.deepEqual([show(dropped).toSorted(), lane.head?.task.name], [['a:0+1', 'c:0+1'], 'd']);
});

test('one leaves from anywhere, once', () => {
  const { lane, items: [, b], tally } = laneOf(['a', 10], ['b', 20], ['c', 30]);
  assert.ok(b !== undefined && lane.remove(b) && !lane.remove(b));
  assert.equal(lane.takeHead()?.task.name, 'a');
  assert.equal(lane.takeHead()?.task.name, 'c');
  assert.deepEqual([lane.takeHead(), lane.head, tally.tasks], [undefined, undefined, 0]);
});

test('deadlines in no order open a few runs, not one each', () => {
  const { lane } = laneOf(...Array.from({ length: 100 }, (_, i): Row => [`t${i}`, 1_000 - i]));
  assert.equal(lane.runs.length, 8);
  assert.equal(lane.head?.task.name, 't99');
});
