import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flat, mergeFile, nested } from '../../../../frontend/control/desired-merge.ts';
import { EMPTY_DESIRED_STATE } from '../../../../frontend/domain/model.ts';
import type { DesiredState } from '../../../../frontend/domain/model.ts';
import { desiredOf, makeApp, makeModel } from '../../../support/specs.ts';

const one = makeModel({ name: 'one' });
const two = makeModel({ name: 'two' });
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('at the first load everything comes from the file', () => {
  const merged = mergeFile(EMPTY_DESIRED_STATE, desiredOf([one], [makeApp({ arms: ['one'] })], { one: { stable: 1 } }));
  assert.deepEqual(plain(merged.models), { 'one@1': plain(one) });
  assert.deepEqual(merged.fromFile, { models: ['one@1'], labels: ['one@stable'], apps: ['a'] });
});

test('the file wins for every name that it holds', () => {
  const changed: DesiredState = { ...desiredOf([{ ...one, replicas: 7 }], [], { one: { stable: 9 } }), fromFile: { models: ['one@1'], labels: ['one@stable'], apps: [] } };
  const merged = mergeFile(changed, desiredOf([one], [], { one: { stable: 1 } }));
  assert.equal(merged.models['one@1']?.replicas, 1);
  assert.equal(merged.labels['one']?.['stable'], 1);
});

test('the file wins also for a name that admin had added', () => {
  const merged = mergeFile(desiredOf([{ ...one, replicas: 7 }]), desiredOf([one]));
  assert.equal(merged.models['one@1']?.replicas, 1);
  assert.deepEqual(merged.fromFile.models, ['one@1']);
});

test('what admin added under other names stays', () => {
  const merged = mergeFile(desiredOf([two], [makeApp({ name: 'b' })], { two: { canary: 1 } }), desiredOf([one]));
  assert.deepEqual(Object.keys(merged.models), ['one@1', 'two@1']);
  assert.deepEqual([Object.keys(merged.apps), Object.keys(flat(merged.labels))], [['b'], ['two@canary']]);
  assert.deepEqual(merged.fromFile.models, ['one@1']);
});

test('what the file dropped since its last load goes', () => {
  const loaded = mergeFile(EMPTY_DESIRED_STATE, desiredOf([one, two], [makeApp()], { one: { stable: 1 } }));
  const merged = mergeFile(loaded, desiredOf([two]));
  assert.deepEqual([Object.keys(merged.models), Object.keys(merged.apps), Object.keys(merged.labels)], [['two@1'], [], []]);
});

test('labels by model and labels by name are the same', () => {
  assert.deepEqual(plain(nested(Object.entries(flat({ one: { stable: 1, canary: 2 }, two: { stable: 3 } })))), { one: { stable: 1, canary: 2 }, two: { stable: 3 } });
});
