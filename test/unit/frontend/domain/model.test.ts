import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_DESIRED_STATE, keyParts, modelKey, NAME_REGEXP } from '../../../../frontend/domain/model.ts';

test('names are those of the glossary', () => {
  for (const name of ['a', '0', 'digits-mlp', 'a.b_c-d', 'x'.repeat(64)]) assert.match(name, NAME_REGEXP);
  for (const name of ['', '-a', '.a', '_a', '__proto__', 'A', 'a b', 'a@1', 'a/b', 'a\n', 'x'.repeat(65), 'é']) assert.doesNotMatch(name, NAME_REGEXP);
});

test('a model version has one key', () => {
  assert.equal(modelKey('digits-mlp', 3), 'digits-mlp@3');
  assert.deepEqual(keyParts(modelKey('a.b_c-d', 12)), { model: 'a.b_c-d', version: 12 });
});

test('nothing is wanted at first, and the empty state cannot be changed', () => {
  const { revision, models, labels, apps, fromFile } = EMPTY_DESIRED_STATE;
  assert.equal(revision, 0);
  assert.deepEqual([models, labels, apps].flatMap(Object.keys), []);
  assert.deepEqual(fromFile, { models: [], labels: [], apps: [] });
  assert.ok(Object.isFrozen(EMPTY_DESIRED_STATE));
});
