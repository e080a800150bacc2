import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchKeyOf } from '../../../../../frontend/domain/batch-key.ts';
import type { InputColumn } from '../../../../../frontend/domain/query.ts';
import { InputPlan, MOST_ROWS, rawBytes } from '../../../../../frontend/protocols/oip/input-plan.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';

const SPECS: readonly TensorSpec[] = [{ name: 'x', dtype: 'float32', shape: [2, -1] }, { name: 's', dtype: 'bytes', shape: [] }];
const plan = new InputPlan('m', SPECS);
const column = (name: string, shape: readonly number[]): InputColumn => ({ name, dtype: 'float32', shape, slab: { index: 0, bytes: new Uint8Array() }, offset: 0, strideBytes: 0, rowBytes: 0 });
const fit = (name: string, datatype: string, shape: readonly number[]): unknown => {
  const fitted = plan.fit({ name, datatype, shape });
  return 'code' in fitted ? fitted.code : [fitted.rows, fitted.shape, fitted.elements, rawBytes(fitted)];
};

test('an input fits by name, datatype and shape, rows in front; a single element may have an extent of its own', () => {
  assert.deepEqual(fit('x', 'FP32', [3, 2, 5]), [3, [2, 5], 10, 120]);
  assert.deepEqual(fit('s', 'BYTES', [3]), [3, [], 1, undefined]);
  assert.deepEqual(fit('s', 'BYTES', [3, 1]), [3, [], 1, undefined]);
});

test('what does not fit is refused by its fault', () => {
  assert.equal(fit('y', 'FP32', [1, 2, 2]), 'unknown_input');
  assert.equal(fit('x', 'FP64', [1, 2, 2]), 'wrong_dtype');
  assert.equal(fit('x', 'FLOAT', [1, 2, 2]), 'wrong_dtype');
  for (const shape of [[], [1], [1, 2], [1, 3, 2], [1, 2, -1], [-1, 2, 2], [1, 2, 2, 1], [1, 2, 1.5]]) assert.equal(fit('x', 'FP32', shape), 'wrong_shape', shape.join());
  assert.equal(fit('x', 'FP32', [0, 2, 2]), 'empty_inputs');
  assert.equal(fit('x', 'FP32', [MOST_ROWS + 1, 2, 2]), 'too_many_rows');
});

test('columns come in the order of the signature, whole and of as many rows each', () => {
  const asked = plan.rowsOf([column('s', []), column('x', [2, 5])], [3, 3]);
  assert.ok(!('code' in asked) && asked.columns !== undefined);
  assert.deepEqual([asked.columns.map(({ name }) => name), asked.rows], [['x', 's'], 3]);
  assert.equal(asked.batchKey, batchKeyOf(SPECS, [[2, 5], []]));
  const code = (...given: readonly (readonly [string, number])[]): unknown => {
    const rows = plan.rowsOf(given.map(([name]) => column(name, [])), given.map(([, count]) => count));
    return 'code' in rows ? rows.code : undefined;
  };
  assert.deepEqual([code(['x', 1]), code(['x', 1], ['x', 1]), code(['x', 1], ['s', 2])], ['missing_input', 'duplicate_field', 'ragged_input']);
});

test('a plan is made once for a view', () => {
  const view = { spec: {} as never, inputs: SPECS };
  assert.equal(InputPlan.of('m', view), InputPlan.of('m', view));
});

test('where nobody knows the inputs, one is what it is said to be, and the leading extent of all of them is the rows', () => {
  const open = InputPlan.of('m', { spec: {} as never, inputs: undefined });
  const fitted = open.fit({ name: 'x', datatype: 'FP32', shape: [3, 2, 5] });
  assert.ok(!('code' in fitted));
  assert.deepEqual([fitted.spec, fitted.rows, fitted.shape], [{ name: 'x', dtype: 'float32', shape: [2, 5] }, 3, [2, 5]]);
  const code = (datatype: string, shape: readonly number[]): unknown => {
    const refusal = open.fit({ name: 'x', datatype, shape });
    return 'code' in refusal ? refusal.code : undefined;
  };
  assert.deepEqual([code('FLOAT', [1]), code('FP32', []), code('FP32', [-1, 2]), code('FP32', [1, -1]), code('FP32', [0, 2]), code('FP32', [MOST_ROWS + 1])], ['wrong_dtype', 'wrong_shape', 'wrong_shape', 'wrong_shape', 'empty_inputs', 'too_many_rows']);
  const rows = (...given: readonly (readonly [string, number])[]): unknown => {
    const asked = open.rowsOf(given.map(([name]) => column(name, [])), given.map(([, count]) => count));
    return 'code' in asked ? asked.code : asked;
  };
  assert.deepEqual([rows(['x', 2], ['y', 2]), rows(), rows(['x', 2], ['y', 3]), rows(['x', 2], ['x', 2])], [{ rows: 2 }, 'missing_input', 'ragged_input', 'duplicate_field']);
});
