import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BisectionBudget } from '../../../../frontend/batching/bisection-budget.ts';

const SECOND = 1_000_000;

test('a search may make 2·⌈log2 b⌉ + 2 calls', () => {
  for (const [rows, calls] of [[2, 4], [3, 6], [4, 6], [5, 8], [128, 16]] as const) {
    assert.equal(new BisectionBudget().begin(rows, 0).callsLeft, calls);
  }
  const budget = new BisectionBudget();
  const search = budget.begin(2, 0);
  assert.deepEqual([budget.take(search, 2, 0, 0), budget.take(search, 2, 0, 0), budget.take(search, 1, 0, 0)], [true, true, false]);
});

test('one search a minute is free, others may take 5 % of the time worked over the last minute', () => {
  const budget = new BisectionBudget();
  const free = budget.begin(64, 0);
  const bound = budget.begin(64, SECOND);
  assert.deepEqual([free.free, bound.free], [true, false]);
  budget.spend(900, false, SECOND);
  budget.spend(100, true, SECOND);
  assert.ok(!budget.take(bound, 2, SECOND, 0));
  assert.equal(bound.callsLeft, 14);
  assert.ok(budget.take(free, 2, SECOND, 0));
  budget.spend(1_000, false, 2 * SECOND);
  assert.ok(budget.take(bound, 2, 2 * SECOND, 0), '100 of 2000 is 5 %');
  budget.spend(1, true, 2 * SECOND);
  assert.ok(!budget.take(bound, 2, 2 * SECOND, 0));
  assert.ok(budget.take(bound, 2, 61 * SECOND, 0), 'the searching is a minute ago');
  assert.ok(budget.begin(64, 60 * SECOND).free);
});

test('the window empties over any gap', () => {
  const budget = new BisectionBudget();
  budget.begin(2, 0);
  budget.spend(100, true, 0);
  const bound = budget.begin(2, SECOND);
  assert.ok(!budget.take(bound, 1, SECOND, 0));
  assert.ok(budget.take(bound, 1, 1_000_000 * SECOND, 0));
});

test('calls that were taken and have not ended count, with what the last batch took', () => {
  const budget = new BisectionBudget();
  budget.begin(64, 0);
  const bound = budget.begin(64, 0);
  budget.spend(4_000, false, 0);
  budget.spend(100, false, 0);
  assert.ok(budget.take(bound, 2, 0, 2), '2 of 100 are within 205');
  assert.ok(!budget.take(bound, 2, 0, 3));
  assert.ok(budget.take(bound, 2, 0, 0));
});
