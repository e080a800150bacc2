import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ruleFaults } from '../../../../frontend/control/rule-faults.ts';
import { nameRecord, type ModelRules } from '../../../../frontend/domain/model.ts';
import { desiredOf, makeModel } from '../../../support/specs.ts';

const state = desiredOf([makeModel(), makeModel({ version: 2 })], [], { m: { stable: 1, canary: 2 } });
const messages = (rules: Readonly<Record<string, ModelRules>>, more: object = {}): readonly string[] => ruleFaults({ ...state, rules: nameRecord(Object.entries(rules)), ...more }).map(({ path, message }) => `${path.join('.')} ${message}`);

test('rules name models, versions and labels that there are', () => {
  assert.deepEqual(messages({ m: { versions: { specific: [1, 2] }, split: { stable: 1, canary: 0, later: 5 } } }), []);
  assert.deepEqual(messages({ m: { versions: { latest: 9 } } }), []);
  assert.deepEqual(messages({ n: {} }), ['rules.n there is no model "n"']);
  assert.deepEqual(messages({ m: { versions: { specific: [3] } } }), ['rules.m.version_policy names version 3, which does not exist']);
  assert.deepEqual(messages({ m: { split: { stable: 0, later: 5 } } }), ['rules.m.split gives no label that is set any traffic']);
  assert.deepEqual(messages({ m: { split: { stable: 1, 7: 1 } } }), ['rules.m.split.7 is no label']);
});

test('where there are sources, what they will hold may be named', () => {
  assert.deepEqual(messages({ n: { versions: { specific: [3] }, split: { later: 5 } }, m: { split: { later: 5 } } }, { sources: [{ folder: '/x', pollMs: 1 }] }), []);
});
