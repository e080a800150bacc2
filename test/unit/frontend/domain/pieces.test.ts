import assert from 'node:assert/strict';
import { test } from 'node:test';
import { piecesBySize } from '../../../../frontend/domain/pieces.ts';

test('pieces are as full as they may be, and what is too large for any goes by itself', () => {
  const sizes = (...items: number[]): unknown => piecesBySize(items, 10, (item) => item).map(({ items: of, size }) => [...of, `= ${size}`]);
  assert.deepEqual(sizes(), []);
  assert.deepEqual(sizes(4, 6, 1, 9, 1), [[4, 6, '= 10'], [1, 9, '= 10'], [1, '= 1']]);
  assert.deepEqual(sizes(3, 25, 3, 8), [[3, '= 3'], [25, '= 25'], [3, '= 3'], [8, '= 8']]);
  assert.deepEqual(sizes(0, 10, 0, 0), [[0, 10, 0, 0, '= 10']]);
});
