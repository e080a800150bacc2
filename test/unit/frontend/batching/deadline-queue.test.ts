import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeadlineQueue } from '../../../../frontend/batching/deadline-queue.ts';
import { makeTask, show } from '../../../support/batch-tasks.ts';
import type { TestTask } from '../../../support/batch-tasks.ts';

function queueOf(...tasks: TestTask[]): DeadlineQueue<TestTask> {
  const queue = new DeadlineQueue<TestTask>({ maxLanes: 2 });
  for (const task of tasks) queue.push(task);
  return queue;
}

test('a batch holds the earliest deadlines of the lane whose head is earliest, and no other lane', () => {
  const queue = queueOf(
    makeTask({ name: 'a', deadlineAtMicros: 30, batchKey: 'x' }), makeTask({ name: 'b', deadlineAtMicros: 10, batchKey: 'y' }),
    makeTask({ name: 'c', deadlineAtMicros: 20, batchKey: 'x' }), makeTask({ name: 'd', deadlineAtMicros: 40, batchKey: 'y' }),
  );
  assert.equal(queue.headDeadlineAtMicros, 10);
  assert.deepEqual(show(queue.takeBatch({ rows: 8, from: -Infinity, byTier: false })), ['b:0+1', 'd:0+1']);
  assert.deepEqual(show(queue.takeBatch({ rows: 8, from: -Infinity, byTier: false })), ['c:0+1', 'a:0+1']);
  assert.deepEqual([queue.rows, queue.tasks, queue.lanes, queue.headDeadlineAtMicros], [0, 0, 0, Infinity]);
  assert.deepEqual(queue.takeBatch({ rows: 8, from: -Infinity, byTier: false }), []);
});

test('a big task is split over batches and its rows keep their order', () => {
  const queue = queueOf(makeTask({ name: 'big', first: 2, count: 7, deadlineAtMicros: 10 }), makeTask({ name: 'late', deadlineAtMicros: 20 }));
  assert.deepEqual(show(queue.takeBatch({ rows: 3, from: -Infinity, byTier: false })), ['big:2+3']);
  assert.equal(queue.rows, 5);
  assert.equal(queue.tasks, 2);
  assert.deepEqual(show(queue.takeBatch({ rows: 3, from: -Infinity, byTier: false })), ['big:5+3']);
  assert.deepEqual(show(queue.takeBatch({ rows: 3, from: -Infinity, byTier: false })), ['big:8+1', 'late:0+1']);
});

test('cancelling takes what still waits and leaves the others', () => {
  const big = makeTask({ name: 'big', count: 5, deadlineAtMicros: 10 });
  const queue = queueOf(big, makeTask({ name: 'other', deadlineAtMicros: 20 }));
  queue.takeBatch({ rows: 2, from: -Infinity, byTier: false });
  assert.equal(queue.cancel(big), 3);
  assert.equal(queue.cancel(big), 0);
  assert.deepEqual(show(queue.takeBatch({ rows: 9, from: -Infinity, byTier: false })), ['other:0+1']);
});

test('lanes are bounded, and an empty one makes room', () => {
  const x = makeTask({ batchKey: 'x' });
  const queue = queueOf(x, makeTask({ batchKey: 'y' }));
  assert.ok(queue.hasLaneFor('x'));
  assert.ok(!queue.hasLaneFor('z'));
  queue.cancel(x);
  assert.ok(queue.hasLaneFor('z'));
});

test('a task is not queued twice at once', () => {
  const task = makeTask();
  const queue = queueOf(task);
  assert.throws(() => queue.push(task), RangeError);
  queue.takeHead();
  queue.push(task);
  assert.equal(queue.rows, 1);
});

test('a lane that was passed over comes back first', () => {
  const queue = queueOf(makeTask({ name: 'a', deadlineAtMicros: 10, batchKey: 'x' }), makeTask({ name: 'b', deadlineAtMicros: 20, batchKey: 'y' }));
  queue.pass();
  assert.equal(queue.headDeadlineAtMicros, 20);
  assert.deepEqual(show(queue.takeBatch({ rows: 8, from: -Infinity, byTier: false })), ['b:0+1']);
  assert.deepEqual([queue.headDeadlineAtMicros, queue.rows], [Infinity, 1]);
  queue.restore();
  assert.deepEqual(show(queue.takeBatch({ rows: 8, from: -Infinity, byTier: false })), ['a:0+1']);
});
