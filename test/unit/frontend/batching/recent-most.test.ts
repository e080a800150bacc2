import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentMost } from '../../../../frontend/batching/recent-most.ts';

test('the most of the last one to two windows counts, and is forgotten after them', () => {
  const most = new RecentMost();
  assert.equal(most.at(0), 0);
  most.saw(5, 1_000);
  most.saw(32, 40_000);
  most.saw(3, 90_000);
  assert.equal(most.at(99_000), 32);
  most.saw(4, 110_000);
  assert.equal(most.at(150_000), 32, 'the window before still counts');
  assert.equal(most.at(210_000), 4);
  assert.equal(most.at(1_000_000), 0, 'after a silence there is nobody');
});
