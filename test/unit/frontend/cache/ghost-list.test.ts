import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GhostList } from '../../../../frontend/cache/ghost-list.ts';

test('it knows what was added lately, and nothing else', () => {
  const ghosts = new GhostList(64);
  assert.equal(ghosts.has(0, 1000), false);
  for (let hash = 1; hash <= 10; hash++) ghosts.add(hash);
  assert.deepEqual([1, 7, 8, 9, 10, 11].map((hash) => ghosts.has(hash, 3)), [false, false, true, true, true, false]);
  assert.equal(ghosts.has(1, 10), true);
  assert.equal(ghosts.has(10, 0), false);
});

test('its memory is fixed: the later takes the place of the earlier', () => {
  const ghosts = new GhostList(5);
  assert.equal(ghosts.bytes, 8 * 8);
  ghosts.add(1);
  ghosts.add(9);
  assert.deepEqual([ghosts.has(1, 10), ghosts.has(9, 10)], [false, true]);
  ghosts.add(-7);
  assert.deepEqual([ghosts.has(9, 10), ghosts.has(-7, 10)], [false, true]);
});
