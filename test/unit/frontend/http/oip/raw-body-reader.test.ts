import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawBodyReader } from '../../../../../frontend/http/oip/raw-body-reader.ts';
import { InputPlan } from '../../../../../frontend/protocols/oip/input-plan.ts';
import { SlabArena } from '../../../../../frontend/runtime/slab-arena.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';

function read(inputs: readonly TensorSpec[] | undefined, bytes: readonly number[]): unknown {
  const slabs = new SlabArena({ poison: true });
  const reader = new RawBodyReader(new InputPlan('m', inputs), slabs);
  reader.push(Buffer.from(bytes.slice(0, 1)));
  reader.push(Buffer.from(bytes.slice(1)));
  const result = reader.end();
  if (!result.ok) return [result.failure.code, slabs.usedSlabs];
  const { columns: [column] = [], rows } = result.body.input;
  return [rows, column?.shape, result.body.binaryOutput];
}

test('a whole body is the rows of the one input, or one row whose open extent it settles', () => {
  assert.deepEqual(read([{ name: 'x', dtype: 'int16', shape: [2] }], [1, 0, 2, 0, 3, 0, 4, 0]), [2, [2], true]);
  assert.deepEqual(read([{ name: 'x', dtype: 'int16', shape: [-1, 2] }], [1, 0, 2, 0, 3, 0, 4, 0]), [1, [2, 2], true]);
  assert.deepEqual(read([{ name: 'x', dtype: 'bytes', shape: [1] }], [1, 2, 3]), [1, [1], true]);
});

test('a body that cannot be that is refused', () => {
  assert.deepEqual(read([], [1]), ['missing_input', 0]);
  assert.deepEqual(read([{ name: 'x', dtype: 'int16', shape: [2] }], [1, 0, 2]), ['wrong_shape', 0]);
  assert.deepEqual(read([{ name: 'x', dtype: 'int16', shape: [2] }], []), ['wrong_shape', 0]);
  assert.deepEqual(read([{ name: 'x', dtype: 'int16', shape: [-1, -1] }], [1, 0]), ['wrong_shape', 0]);
  assert.deepEqual(read([{ name: 'x', dtype: 'bytes', shape: [2] }], [1]), ['wrong_shape', 0]);
  assert.deepEqual(read([{ name: 'x', dtype: 'bool', shape: [1] }], [7]), ['wrong_dtype', 0]);
});

test('where nobody knows the inputs yet it is one row, whatever it holds', () => {
  assert.deepEqual(read(undefined, [1, 2, 3]), [1, undefined, true]);
});
