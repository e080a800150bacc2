import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numbered } from '../../../../../frontend/storage/redis/numbered.ts';

test('each has the number under which it was named first, from 1', () => {
  const named = new Map<string, number>();
  assert.deepEqual(['x', 'y', 'x', 'z', 'y'].map((one) => numbered(named, one)), [1, 2, 1, 3, 2]);
  assert.deepEqual([...named.keys()], ['x', 'y', 'z']);
});
