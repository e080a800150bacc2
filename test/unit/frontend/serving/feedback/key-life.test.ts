import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apply } from '../../../../../selection-policies/cells.ts';
import { isGone, since } from '../../../../../frontend/serving/feedback/key-life.ts';

const NOW = 1_790_000_000_000_000;

function written(...times: readonly number[]): ReadonlyMap<string, bigint> {
  const cells = new Map<string, bigint>();
  for (const time of times) apply(cells, [{ cell: 'x/n', add: 1n }, since(time)]);
  return cells;
}

test('what was added is there while the key is as old as it, in whatever order writers come', () => {
  for (const times of [[NOW, NOW + 5], [NOW + 5, NOW]]) {
    assert.equal(isGone(written(...times), NOW), false);
    assert.equal(isGone(written(...times), NOW + 5), false);
  }
});

test('it is gone where the key is not there, or is younger, or was written by nobody who may take it back', () => {
  assert.equal(isGone(new Map(), NOW), true);
  assert.equal(isGone(written(NOW + 1), NOW), true);
  assert.equal(isGone(new Map([['x/n', 1n]]), NOW), true);
});

test('of what was added at a time that nobody noted only an empty key says that it is gone', () => {
  assert.equal(isGone(written(NOW), 0), false);
  assert.equal(isGone(new Map([['x/n', 1n]]), 0), false);
  assert.equal(isGone(new Map(), 0), true);
});
