import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeze } from '../../../../frontend/config/freeze.ts';

test('plain data is frozen to the depth', () => {
  const data = freeze({ a: [{ b: 1 }], c: null });
  assert.ok(Object.isFrozen(data) && Object.isFrozen(data.a) && Object.isFrozen(data.a[0]));
});
