import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaitingTask } from '../../../../frontend/batching/waiting-task.ts';
import { makeTask, show } from '../../../support/batch-tasks.ts';

test('it leaves as the slice of the whole task', () => {
  const waiting = new WaitingTask(makeTask({ name: 'a', first: 3, count: 4, deadlineAtMicros: 70 }), 5, 2);
  assert.deepEqual(show([waiting]), ['a:3+4']);
  assert.deepEqual([waiting.deadlineAtMicros, waiting.order, waiting.tier], [70, 5, 2]);
});
