import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowCount } from '../../../../../frontend/protocols/oip/row-count.ts';

test('the leading extent of all inputs is the rows', () => {
  const of = (...shapes: readonly (readonly number[])[]): string | number => {
    const counted = rowCount('m', shapes);
    return 'code' in counted ? counted.code : counted.rows;
  };
  assert.deepEqual([of([3, 64]), of([2], [2, 1, 5])], [3, 2]);
  assert.deepEqual([of(), of([]), of([-1, 2]), of([0, 2]), of([4097]), of([2], [3]), of([2], [])], ['missing_input', 'wrong_shape', 'wrong_shape', 'empty_inputs', 'too_many_rows', 'ragged_input', 'ragged_input']);
});
