import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowHasher } from '../../../../frontend/dispatch/row-hash.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { makeQuery } from '../../../support/queries.ts';

const slabs = new SlabArena();

test('equal rows have equal hashes wherever they lie, different rows and seeds have others', () => {
  const hash = rowHasher(42);
  const many = makeQuery(slabs, { values: [1, 2, 1] });
  const one = makeQuery(slabs, { values: [2] });
  assert.equal(hash(many, 0), hash(many, 2));
  assert.equal(hash(many, 1), hash(one, 0));
  assert.notEqual(hash(many, 0), hash(many, 1));
  assert.notEqual(hash(one, 0), rowHasher(43)(one, 0));
  assert.ok(Number.isSafeInteger(hash(one, 0)) && hash(one, 0) >= 0);
});

test('where one input ends and the next begins makes a difference', () => {
  const hash = rowHasher(1);
  const query = makeQuery(slabs, { values: [5] });
  const column = query.columns[0];
  assert.ok(column);
  const cut = (at: number) => ({ ...query, columns: [{ ...column, rowBytes: at }, { ...column, offset: column.offset + at, rowBytes: 8 - at }] });
  assert.notEqual(hash(cut(4), 0), hash(cut(2), 0));
});

test('ten thousand different rows do not meet', () => {
  const hash = rowHasher(7);
  const seen = new Set<number>();
  for (let i = 0; i < 100; i++) {
    const query = makeQuery(slabs, { values: Array.from({ length: 100 }, (_, j) => i * 100 + j) });
    for (let row = 0; row < 100; row++) seen.add(hash(query, row));
    for (const column of query.columns) slabs.release(column.slab);
  }
  assert.equal(seen.size, 10_000);
});
