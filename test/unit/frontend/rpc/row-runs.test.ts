import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Query } from '../../../../frontend/domain/query.ts';
import { collectRuns, columnOf } from '../../../../frontend/rpc/row-runs.ts';
import { queryOf } from '../../../support/batches.ts';

const slab = { index: 3, bytes: new Uint8Array(400) };

/** Rows of four bytes from `offset` of the one slab on. */
function at(offset: number, rows: number, strideBytes = 4): Query {
  return { ...queryOf([]), rows, columns: [{ name: 'x', dtype: 'float32', shape: [], slab, offset, strideBytes, rowBytes: 4 }] };
}
const extents = (...slices: readonly (readonly [Query, number, number])[]) => (
  collectRuns(slices.map(([query, first, count]) => ({ query, first, count })), 0, 'x').map(({ start, end }) => [start, end])
);

test('rows that lie one behind another are one run, across queries too', () => {
  assert.deepEqual(extents([at(0, 3), 0, 3], [at(12, 2), 0, 2]), [[0, 20]]);
  assert.deepEqual(extents([at(0, 3), 1, 1], [at(8, 2), 0, 2]), [[4, 16]]);
});

test('a gap, an earlier place or another slab begins a new one', () => {
  assert.deepEqual(extents([at(0, 3, 8), 0, 3]), [[0, 4], [8, 12], [16, 20]]);
  assert.deepEqual(extents([at(40, 1), 0, 1], [at(36, 1), 0, 1]), [[40, 44], [36, 40]]);
  const other = at(4, 1);
  const elsewhere = { ...other, columns: other.columns.map((column) => ({ ...column, slab: { ...slab } })) };
  assert.equal(extents([at(0, 1), 0, 1], [elsewhere, 0, 1]).length, 2);
});

test('rows of their own lengths are taken where they lie, and empty ones are none', () => {
  const [column] = at(0, 4).columns;
  assert.ok(column);
  const query = { ...at(0, 4), columns: [{ ...column, rowBytes: -1, spans: { offsets: [10, 13, 13, 30], lengths: [3, 0, 7, 2] } }] };
  assert.deepEqual(extents([query, 0, 4]), [[10, 20], [30, 32]]);
});

test('an input is found by its name, wherever the query has it; without it the query is of another kind', () => {
  const query = queryOf([{ name: 'a', dtype: 'uint8', shape: [1], rows: [Uint8Array.of(1)] }, { name: 'b', dtype: 'uint8', shape: [1], rows: [Uint8Array.of(2)] }]);
  assert.equal(columnOf(query, 0, 'b').name, 'b');
  assert.throws(() => columnOf(query, 0, 'c'), /lack the input "c"/);
});
