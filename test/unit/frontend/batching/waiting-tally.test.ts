import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaitingTally } from '../../../../frontend/batching/waiting-tally.ts';
import { WaitingTask } from '../../../../frontend/batching/waiting-task.ts';
import { makeTask } from '../../../support/batch-tasks.ts';

test('rows and tasks, and rows by tier', () => {
  const tally = new WaitingTally();
  const [a, b] = [new WaitingTask(makeTask({ count: 3 }), 0, 1), new WaitingTask(makeTask({ count: 5 }), 1, 4)];
  tally.joined(a);
  tally.joined(b);
  assert.deepEqual([tally.tasks, tally.rows, [0, 1, 3, 4, 9].map((tier) => tally.rowsUpTo(tier))], [2, 8, [0, 3, 3, 8, 8]]);
  tally.count(4, -2);
  b.count -= 2;
  tally.left(b);
  assert.deepEqual([tally.tasks, tally.rows, tally.rowsUpTo(9)], [1, 3, 3]);
});
