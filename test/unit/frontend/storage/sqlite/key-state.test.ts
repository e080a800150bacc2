import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeKeyState, encodeKeyState } from '../../../../../frontend/storage/sqlite/key-state.ts';

test('a key\'s cells are read as they were written, to the last integer', () => {
  const cells = new Map([['x/n', 0n], ['x/s', 2n ** 63n - 1n], ['é', -(2n ** 63n) + 1n], ['small', 7n]]);
  assert.deepEqual(decodeKeyState(encodeKeyState(cells)), cells);
  assert.deepEqual(decodeKeyState(encodeKeyState(new Map())), new Map());
});
