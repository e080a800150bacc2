import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Attempt } from '../../../../frontend/batching/attempt.ts';
import { AttemptQueue } from '../../../../frontend/batching/attempt-queue.ts';
import type { Slice } from '../../../../frontend/batching/task.ts';
import { makeTask, show } from '../../../support/batch-tasks.ts';
import type { TestTask } from '../../../support/batch-tasks.ts';

function attemptOf(tasks: readonly TestTask[], not?: string): Attempt<TestTask> {
  const slices = tasks.map((task) => ({ task, first: task.first, count: task.count }));
  return new Attempt(slices, { kind: 'retry', deaths: 1, ...(not === undefined ? {} : { not }) });
}
const nobody = (): boolean => false;
const early = makeTask({ name: 'early', count: 2, deadlineAtMicros: 10 });
const late = makeTask({ name: 'late', deadlineAtMicros: 20 });

test('a replica is not given what it failed, as long as there is another', () => {
  const queue = new AttemptQueue<TestTask>();
  const first = attemptOf([early], 'r1');
  const second = attemptOf([late]);
  queue.push(first);
  queue.push(second);
  assert.equal(queue.peekFor('r1', 2, nobody), second);
  assert.equal(queue.peekFor('r2', 2, nobody), first);
  assert.equal(queue.peekFor('r1', 1, nobody), first);
  assert.equal(queue.peekFor('r2', 2, (attempt) => attempt === first), second);
  queue.remove(second);
  assert.equal(queue.peekFor('r1', 2, nobody), undefined);
  assert.deepEqual([queue.size, queue.rows], [1, 2]);
});

test('cancelling a task leaves the others of its attempt', () => {
  const queue = new AttemptQueue<TestTask>();
  queue.push(attemptOf([early, late]));
  queue.push(attemptOf([early]));
  assert.equal(queue.cancel(early), 4);
  assert.deepEqual([queue.size, queue.rows, queue.headDeadlineAtMicros], [1, 1, 20]);
  assert.deepEqual(show(queue.peek()?.slices ?? []), ['late:0+1']);
  assert.equal(queue.cancel(early), 0);
});

test('rows expire one by one, each attempt keeps the rest', () => {
  const queue = new AttemptQueue<TestTask>();
  queue.push(attemptOf([late, early]));
  const expired: string[] = [];
  const note = ({ task }: Slice<TestTask>) => void expired.push(task.name);
  queue.expire(9, note);
  assert.deepEqual(expired, []);
  queue.expire(10, note);
  assert.deepEqual([expired, queue.rows, queue.headDeadlineAtMicros], [['early'], 1, 20]);
  queue.expire(30, note);
  assert.deepEqual([expired, queue.rows, queue.headDeadlineAtMicros], [['early', 'late'], 0, Infinity]);
});
