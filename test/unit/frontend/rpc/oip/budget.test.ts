import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latestBudgetMicros } from '../../../../../frontend/rpc/oip/budget.ts';
import { batchOf, pairQuery } from '../../../../support/batches.ts';

test('a call matters until the last deadline in it, and is never told that it came too late', () => {
  const early = { ...pairQuery(1), deadlineAtMicros: 1_000 };
  const late = { ...pairQuery(1), deadlineAtMicros: 4_000 };
  assert.equal(latestBudgetMicros({ ...batchOf(early, late), budgetMicros: 500.5 }), 3_500);
  assert.equal(latestBudgetMicros({ ...batchOf(early), budgetMicros: -7 }), 1);
});
