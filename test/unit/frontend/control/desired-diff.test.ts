import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffDesired, isUnchanged } from '../../../../frontend/control/desired-diff.ts';
import { desiredOf, makeApp, makeModel } from '../../../support/specs.ts';

const NONE = { added: [], changed: [], removed: [] };

test('what came, changed and went is named', () => {
  const before = desiredOf([makeModel(), makeModel({ version: 2 })], [makeApp()], { m: { stable: 1 } });
  const after = desiredOf([makeModel({ version: 2, replicas: 2 }), makeModel({ version: 3 })], [makeApp()], { m: { stable: 2 } });
  const diff = diffDesired(before, after);
  assert.deepEqual(diff, { models: { added: ['m@3'], changed: ['m@2'], removed: ['m@1'] }, labels: { ...NONE, changed: ['m@stable'] }, apps: NONE });
  assert.ok(!isUnchanged(diff));
});

test('the order of keys is no change, a key more is', () => {
  const { name, ...rest } = makeApp();
  assert.ok(isUnchanged(diffDesired(desiredOf([], [makeApp()]), desiredOf([], [{ ...rest, name }]))));
  assert.ok(!isUnchanged(diffDesired(desiredOf([], [makeApp()]), desiredOf([], [makeApp({ contextKey: 'user' })]))));
});
