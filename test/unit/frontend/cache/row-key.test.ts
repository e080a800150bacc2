import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowKey, rowHasher } from '../../../../frontend/cache/row-key.ts';
import type { InputColumn, Query } from '../../../../frontend/domain/query.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { makeQuery } from '../../../support/queries.ts';

const slabs = new SlabArena();
const BASE: Query = makeQuery(slabs);

/** One row of `bytes` that lies `shift` bytes behind a word. */
function column(bytes: readonly number[], shift = 0, more: Partial<InputColumn> = {}): InputColumn {
  const { slab, offset } = slabs.allocate(bytes.length + shift);
  slab.bytes.set(bytes, offset + shift);
  return { name: 'x', dtype: 'uint8', shape: [bytes.length], slab, offset: offset + shift, strideBytes: bytes.length, rowBytes: bytes.length, ...more };
}
function words(columns: readonly InputColumn[], row = 0): Int32Array {
  const key = new RowKey([1, 2]);
  key.load({ ...BASE, columns }, row);
  const copy = key.copy();
  assert.equal(copy.length, key.length);
  assert.ok(key.equals(copy));
  return copy;
}

test('a row has the same words and hashes wherever it lies', () => {
  const key = new RowKey([1, 2]);
  const bytes = Array.from({ length: 23 }, (_, i) => i * 11 & 255);
  const seen = [0, 1, 2, 3].map((shift) => {
    key.load({ ...BASE, columns: [column(bytes, shift)] }, 0);
    return `${key.hash(5)} ${key.wideHash()} ${key.copy().join()}`;
  });
  assert.equal(new Set(seen).size, 1);
});

test('a row of many is the same as that row alone', () => {
  const many = makeQuery(slabs, { values: [1, 2, 3] });
  const one = makeQuery(slabs, { values: [2] });
  assert.deepEqual(words(many.columns, 1), words(one.columns));
  assert.notDeepEqual(words(many.columns, 0), words(one.columns));
});

test('every byte counts, those behind the last whole word too, and so does the length', () => {
  const bytes = [1, 2, 3, 4, 5, 6, 7];
  const own = words([column(bytes)]);
  for (let i = 0; i < bytes.length; i++) {
    const other = new RowKey([1, 2]);
    other.load({ ...BASE, columns: [column(bytes.with(i, 255))] }, 0);
    assert.equal(other.equals(own), false, `byte ${i}`);
  }
  assert.notDeepEqual(words([column([1, 2, 3])]), words([column([1, 2, 3, 0])]));
  assert.notDeepEqual(words([column([])]), words([column([0])]));
});

test('inputs are told apart: where one ends and the next begins, and by name where there are several', () => {
  const a = (bytes: number[], shift = 0) => column(bytes, shift, { name: 'a' });
  const b = (bytes: number[], shift = 0) => column(bytes, shift, { name: 'b' });
  assert.notDeepEqual(words([a([1, 2, 3, 4, 5, 6]), b([7, 8])]), words([a([1, 2, 3, 4]), b([5, 6, 7, 8])]));
  assert.notDeepEqual(words([a([1, 1, 1, 1]), b([2, 2, 2, 2])]), words([b([1, 1, 1, 1]), a([2, 2, 2, 2])]));
  // Both off a word: each has a copy of its own.
  assert.deepEqual(words([a([1, 2, 3, 4], 1), b([5, 6, 7, 8], 1)]), words([a([1, 2, 3, 4]), b([5, 6, 7, 8])]));
});

test('ragged rows of the same bytes and another shape are other rows', () => {
  const data = column([1, 2, 3, 4, 5, 6], 0, { shape: [-1, -1] });
  const shaped = (shape: readonly number[]): InputColumn => ({ ...data, spans: { offsets: [data.offset], lengths: [6], shapes: [shape] } });
  assert.notDeepEqual(words([shaped([2, 3])]), words([shaped([3, 2])]));
  assert.deepEqual(words([shaped([2, 3])]), words([shaped([2, 3])]));
});

test('long names and rows that lie off a word at any length are taken whole', () => {
  const long = { name: 'n'.repeat(300) };
  const bytes = Array.from({ length: 70_000 }, (_, i) => i & 255);
  assert.deepEqual(words([column(bytes, 1, long), column([1], 0, { name: 'm' })]), words([column(bytes, 0, long), column([1], 0, { name: 'm' })]));
});

test('the hash is the seed\'s and the owner\'s', () => {
  const hashed = (seed: [number, number], salt: number): number => {
    const key = new RowKey(seed);
    key.load(BASE, 0);
    return key.hash(salt);
  };
  assert.equal(new Set([hashed([1, 2], 1), hashed([1, 3], 1), hashed([2, 2], 1), hashed([1, 2], 2)]).size, 4);
});

test('rows are known again by a number: equal ones by the same, ten thousand others by others', () => {
  const hash = rowHasher([7, 8]);
  const seen = new Set<number>();
  for (let i = 0; i < 100; i++) {
    const query = makeQuery(slabs, { values: Array.from({ length: 100 }, (_, j) => i * 100 + j) });
    for (let row = 0; row < 100; row++) seen.add(hash(query, row));
    for (const { slab } of query.columns) slabs.release(slab);
  }
  assert.equal(seen.size, 10_000);
  assert.equal(hash(makeQuery(slabs, { values: [4, 5] }), 1), hash(makeQuery(slabs, { values: [5] }), 0));
  assert.notEqual(hash(BASE, 0), rowHasher([7, 9])(BASE, 0));
});
