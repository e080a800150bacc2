import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ColumnBuilder } from '../../../../../frontend/http/predict-body/column-builder.ts';
import type { ColumnPlan } from '../../../../../frontend/http/predict-body/parse-target.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';
import { slabs, targetFor } from '../../../../support/parse-body.ts';

function begun(spec: TensorSpec, maxRows: number): ColumnBuilder {
  const target = targetFor([spec]);
  const column = new ColumnBuilder();
  column.begin(target, target.plans[0] as ColumnPlan, maxRows);
  return column;
}

test('rows keep their bytes while the column grows', () => {
  const column = begun({ name: 'x', dtype: 'uint8', shape: [100] }, 1000);
  for (let row = 0; row < 1000; row++) {
    column.beginRow();
    column.views.uint8.fill(row & 0xff, column.writeAt, column.writeAt + 100);
    column.used += 100;
    column.endRow([100]);
  }
  const { slab, offset, strideBytes, rowBytes } = column.finish();
  assert.deepEqual([strideBytes, rowBytes], [100, 100]);
  for (let row = 0; row < 1000; row++) assert.ok(slab.bytes.subarray(offset + row * 100, offset + row * 100 + 100).every((byte) => byte === (row & 0xff)));
  slabs.release(slab);
  assert.equal(slabs.usedSlabs, 0);
});

test('ragged rows say where they are', () => {
  const column = begun({ name: 'x', dtype: 'uint8', shape: [-1], ragged: true }, 10);
  for (const length of [3, 0, 2]) {
    column.beginRow();
    column.reserve(length);
    column.used += length;
    column.endRow([length]);
  }
  const { slab, offset, shape, spans } = column.finish();
  assert.deepEqual(shape, [-1]);
  assert.deepEqual(spans, { offsets: [offset, offset + 3, offset + 3], lengths: [3, 0, 2], shapes: [[3], [0], [2]] });
  slabs.release(slab);
});

test('what is not finished is given back, once', () => {
  const column = begun({ name: 'x', dtype: 'float64', shape: [1000] }, 4);
  column.beginRow();
  assert.equal(slabs.usedSlabs, 1);
  column.release();
  column.release();
  assert.equal(slabs.usedSlabs, 0);
});
