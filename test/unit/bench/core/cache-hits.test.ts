import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CacheHits } from '../../../../bench/core/cache-hits.ts';

test('every row that the cache was given is found again', () => {
  const { hits, hitsPerSecond } = new CacheHits(1).run(20_000);
  assert.equal(hits, 20_000);
  assert.ok(hitsPerSecond > 0);
});
