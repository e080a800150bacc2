import assert from 'node:assert/strict';
import { test } from 'node:test';
import { name, versionNumber } from '../../../../../frontend/http/admin/path-words.ts';

test('names and versions out of a path, and nothing else', () => {
  assert.equal(name('a-1'), 'a-1');
  for (const text of ['', 'A', '../x', '__proto__', 'a b', 'x'.repeat(65)]) assert.throws(() => name(text), { code: 'invalid_field' }, text);
  assert.equal(versionNumber('12'), 12);
  for (const text of ['0', '01', '-1', '1.5', 'x', '2147483648', '']) assert.throws(() => versionNumber(text), { code: 'invalid_field' }, text);
});
