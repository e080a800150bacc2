import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestColumns } from '../../../../../frontend/http/predict-body/request-columns.ts';
import { slabs, targetFor } from '../../../../support/parse-body.ts';

const TWO = targetFor([{ name: 'x', dtype: 'uint8', shape: [-1] }, { name: 'y', dtype: 'uint8', shape: [] }]);

function write(columns: RequestColumns, input: number, bytes: readonly number[], shape: readonly number[]): void {
  const column = columns.at(input);
  column.beginRow();
  column.reserve(bytes.length);
  column.views.uint8.set(bytes, column.writeAt);
  column.used += bytes.length;
  column.endRow(shape);
}

test('what was read of each input leaves together, with the key of its shapes', () => {
  const columns = new RequestColumns();
  columns.reset(TWO);
  columns.begin(1);
  write(columns, 1, [9], []);
  write(columns, 0, [1, 2], [2]);
  const { columns: [x, y], batchKey } = columns.finish();
  assert.ok(x !== undefined && y !== undefined);
  assert.deepEqual([x.name, x.slab.bytes[x.offset + 1], y.name, y.slab.bytes[y.offset]], ['x', 2, 'y', 9]);
  assert.equal(batchKey, '"x":uint8[2];"y":uint8[]');
  slabs.release(x.slab);
  slabs.release(y.slab);
  assert.equal(slabs.usedSlabs, 0);
});

test('a request that ends early, or is followed by another, holds nothing', () => {
  const columns = new RequestColumns();
  assert.throws(() => columns.target, /before they were reset/);
  for (const leave of [() => columns.release(), () => columns.reset(TWO)]) {
    columns.reset(TWO);
    columns.begin(4);
    write(columns, 0, [1], [1]);
    assert.equal(slabs.usedSlabs, 1);
    leave();
    assert.equal(slabs.usedSlabs, 0);
  }
  assert.throws(() => columns.at(2), /no column 2/);
});
