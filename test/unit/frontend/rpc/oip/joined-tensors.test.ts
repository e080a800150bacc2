import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinTensors } from '../../../../../frontend/rpc/oip/joined-tensors.ts';

test('tensors in pieces lie one after another, each at a multiple of 8', () => {
  const { payload, tensors } = joinTensors([
    { name: 'a', datatype: 'UINT8', shape: [3], data: Uint8Array.of(1, 2, 3) },
    { name: 'b', datatype: 'UINT8', shape: [1], data: Uint8Array.of(9) },
  ]);
  assert.deepEqual(tensors.map(({ name, offset, bytes }) => [name, offset, bytes]), [['a', 0, 3], ['b', 8, 1]]);
  assert.deepEqual([...payload], [1, 2, 3, 0, 0, 0, 0, 0, 9]);
});
