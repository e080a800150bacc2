import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentHashes } from '../../../../frontend/batching/recent-hashes.ts';

test('a hash lapses its time after it was last added', () => {
  const hashes = new RecentHashes({ maxSize: 4, ttlMicros: 10 });
  hashes.add(1, 0);
  hashes.add(2n, 3);
  assert.ok(hashes.has(1, 9) && hashes.has(2n, 12));
  assert.ok(!hashes.has(1, 10) && !hashes.has(3, 0));
  hashes.add(1, 9);
  assert.ok(hashes.has(1, 18));
  assert.ok(!hashes.isEmpty(18));
  assert.ok(hashes.isEmpty(19));
  assert.ok(!hashes.has(1, 0), 'what has lapsed is forgotten');
});

test('past the bound the oldest goes', () => {
  const hashes = new RecentHashes({ maxSize: 2, ttlMicros: 10 });
  for (const hash of [1, 2, 1, 3]) hashes.add(hash, 0);
  assert.deepEqual([1, 2, 3].map((hash) => hashes.has(hash, 1)), [true, false, true]);
  hashes.delete(1);
  assert.ok(!hashes.has(1, 1));
});
