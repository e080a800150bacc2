import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Attempt, earliestDeadline, rowsOf, splitAt } from '../../../../frontend/batching/attempt.ts';
import { makeTask, show } from '../../../support/batch-tasks.ts';

const a = makeTask({ name: 'a', count: 3, deadlineAtMicros: 20 });
const b = makeTask({ name: 'b', count: 2, deadlineAtMicros: 10 });
const slices = [{ task: a, first: 0, count: 3 }, { task: b, first: 0, count: 2 }];

test('slices are cut at any row', () => {
  assert.deepEqual(splitAt(slices, 2).map(show), [['a:0+2'], ['a:2+1', 'b:0+2']]);
  assert.deepEqual(splitAt(slices, 3).map(show), [['a:0+3'], ['b:0+2']]);
  assert.deepEqual(splitAt(slices, 4).map(show), [['a:0+3', 'b:0+1'], ['b:1+1']]);
  assert.deepEqual(splitAt(slices, 5).map(show), [['a:0+3', 'b:0+2'], []]);
});

test('an attempt knows its rows and its earliest deadline, also when some are taken out', () => {
  const attempt = new Attempt(slices, { kind: 'retry', deaths: 1 });
  assert.deepEqual([attempt.rows, attempt.deadlineAtMicros], [5, 10]);
  attempt.keep(slices.slice(0, 1));
  assert.deepEqual([attempt.rows, attempt.deadlineAtMicros], [3, 20]);
  assert.equal(rowsOf([]), 0);
  assert.equal(earliestDeadline([]), Infinity);
});
