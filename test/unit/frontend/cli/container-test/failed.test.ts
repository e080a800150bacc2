import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expect, Failed } from '../../../../../frontend/cli/container-test/failed.ts';

test('what does not hold is thrown with both sides', () => {
  expect(true, 'a', 'b');
  assert.throws(() => expect(false, 'a', 'b'), (error) => error instanceof Failed && error.expected === 'a' && error.came === 'b');
});
