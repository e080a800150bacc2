import assert from 'node:assert/strict';
import { test } from 'node:test';
import { because } from '../../../../frontend/dashboard/reasons.ts';
import { ERRORS } from '../../../../frontend/domain/errors.ts';

test('every reason for which an answer is missed has words of its own', () => {
  for (const [code, { miss }] of Object.entries(ERRORS)) if (miss) assert.notEqual(because(code), code.replaceAll('_', ' '), code);
});

test('any other code is said as it is', () => {
  assert.equal(because('some_new_code'), 'some new code');
});
