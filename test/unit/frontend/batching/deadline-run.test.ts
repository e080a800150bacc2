import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeadlineRun } from '../../../../frontend/batching/deadline-run.ts';

interface Item { readonly deadlineAtMicros: number; readonly order: number; count: number }

function runOf(...deadlines: number[]): { run: DeadlineRun<Item>; items: Item[] } {
  const run = new DeadlineRun<Item>();
  const items = deadlines.map((deadlineAtMicros, order) => ({ deadlineAtMicros, order, count: order + 1 }));
  for (const item of items) run.insert(item);
  return { run, items };
}
const orders = (run: DeadlineRun<Item>) => Array.from({ length: run.size }, (_, i) => run.at(run.head + i)?.order);

test('by deadline, equals as they came, wherever they are inserted', () => {
  const { run } = runOf(10, 30, 20, 20, 5, 40, 30);
  assert.deepEqual(orders(run), [4, 0, 2, 3, 1, 6, 5]);
  assert.deepEqual([run.firstDeadlineAtMicros, run.lastDeadlineAtMicros, run.rows], [5, 40, 28]);
});

test('rows are counted from a deadline on', () => {
  const { run } = runOf(10, 30, 20, 20, 5, 40, 30);
  assert.deepEqual([-Infinity, 5, 6, 20, 21, 30, 40, 41].map((at) => run.rowsFrom(at)), [28, 28, 23, 22, 15, 15, 6, 0]);
});

test('spans and single items leave, and the counts stay right', () => {
  const { run, items } = runOf(10, 30, 20, 20, 5, 40, 30);
  run.removeSpan(run.head + 1, run.head + 3);
  assert.deepEqual([orders(run), run.rowsFrom(6), run.rows], [[4, 3, 1, 6, 5], 19, 24]);
  const [, , gone, third] = items;
  assert.ok(gone !== undefined && third !== undefined);
  assert.ok(!run.remove(gone) && run.remove(third));
  assert.deepEqual([orders(run), run.rowsFrom(0), run.rowsFrom(30)], [[4, 1, 6, 5], 20, 15]);
  third.count = 9;
  const last = items[5];
  assert.ok(last !== undefined && run.remove(last));
  assert.deepEqual([orders(run), run.rowsFrom(0)], [[4, 1, 6], 14]);
  const head = run.at(run.head);
  assert.ok(head !== undefined);
  head.count -= 2;
  run.shrunk(run.head);
  assert.deepEqual([run.rows, run.rowsFrom(6)], [12, 9]);
});

test('an empty run has no deadlines', () => {
  const { run } = runOf();
  assert.deepEqual([run.size, run.rows, run.firstDeadlineAtMicros, run.lastDeadlineAtMicros, run.rowsFrom(0)], [0, 0, Infinity, -Infinity, 0]);
});

test('the ring turns: what comes and goes in order costs no room', () => {
  const { run, items } = runOf(...Array.from({ length: 10 }, (_, i) => i));
  for (let i = 10; i < 10_000; i++) {
    run.removeSpan(run.head, run.head + 1);
    const item = { deadlineAtMicros: i, order: i, count: 1 };
    items.push(item);
    run.insert(item);
  }
  assert.deepEqual([run.size, run.rows, run.firstDeadlineAtMicros, run.rowsFrom(9_995)], [10, 10, 9_990, 5]);
});
