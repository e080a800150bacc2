import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentBatches } from '../../../../frontend/dispatch/recent-batches.ts';

test('keeps the last batches, oldest first', () => {
  const recent = new RecentBatches();
  assert.deepEqual(recent.list(), []);
  for (let i = 1; i <= 1_000; i++) recent.add(i, i * 10);
  const list = recent.list();
  assert.equal(list.length, 256);
  assert.deepEqual([list[0], list.at(-1)], [{ rows: 745, micros: 7_450 }, { rows: 1_000, micros: 10_000 }]);
});
