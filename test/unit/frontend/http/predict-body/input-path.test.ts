import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathField, pathMember } from '../../../../../frontend/http/predict-body/input-path.ts';

test('names that are no identifiers stand in brackets, and long ones are cut', () => {
  assert.equal(pathMember('image'), '.image');
  assert.equal(pathMember('a "b"'), '["a \\"b\\""]');
  assert.equal(pathMember('x'.repeat(500)).length < 100, true);
  assert.equal(pathField('slo'), 'slo');
  assert.equal(pathField('dense:0'), '["dense:0"]');
});
