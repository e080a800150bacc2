import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byModel, chosenVersions, withChosen } from '../../../../frontend/control/version-policy.ts';
import { nameRecord, type ModelRules } from '../../../../frontend/domain/model.ts';
import { desiredOf, makeApp, makeModel } from '../../../support/specs.ts';

const models = [1, 2, 3, 10].map((version) => makeModel({ version }));
const chosen = (versions?: ModelRules['versions'], more: Partial<ReturnType<typeof desiredOf>> = {}): readonly string[] => (
  [...chosenVersions({ ...desiredOf(models), ...(versions === undefined ? {} : { rules: nameRecord([['m', { versions }]]) }), ...more })].toSorted()
);

test('all run unless it is said which: the newest, by number, or some', () => {
  assert.equal(chosen().length, 4);
  assert.equal(chosen('all').length, 4);
  assert.deepEqual(chosen({ latest: 2 }), ['m@10', 'm@3']);
  assert.deepEqual(chosen({ specific: [1, 7] }), ['m@1']);
});

test('a version that a label or an arm names runs in any case, if there is one', () => {
  assert.deepEqual(chosen({ latest: 1 }, { labels: { m: { stable: 2, old: 9 } } }), ['m@10', 'm@2']);
  assert.deepEqual(chosen({ latest: 1 }, { apps: nameRecord([['a', makeApp({ arms: ['m', 'm@1', 'm@7'] })]]) }), ['m@1', 'm@10']);
});

test('the state without the rest is the state itself where there is no rest', () => {
  const state = desiredOf(models);
  assert.equal(withChosen(state, chosenVersions(state)), state);
  assert.deepEqual(Object.keys(withChosen(state, new Set(['m@2'])).models), ['m@2']);
  assert.deepEqual([...byModel(state)], [['m', [10, 3, 2, 1]]]);
});
