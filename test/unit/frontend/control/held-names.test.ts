import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffDesired } from '../../../../frontend/control/desired-diff.ts';
import { heldNames } from '../../../../frontend/control/held-names.ts';
import { EMPTY_DESIRED_STATE, type DesiredState } from '../../../../frontend/domain/model.ts';
import { makeApp, makeModel } from '../../../support/specs.ts';

const BEFORE: DesiredState = {
  ...EMPTY_DESIRED_STATE,
  models: { 'm@1': makeModel({ name: 'm' }), 's@1': makeModel({ name: 's' }), 'own@1': makeModel({ name: 'own' }) },
  apps: { a: makeApp() }, labels: { m: { stable: 1 } }, rules: { s: { versions: { latest: 1 } } },
  fromFile: { models: ['m@1'], labels: ['m@stable'], apps: ['a'] },
  fromSources: { '/models': { models: ['s@1'], rules: ['s'] } },
};

function held(after: DesiredState): string[] {
  return heldNames(BEFORE, after, diffDesired(BEFORE, after)).map(({ name, by }) => `${name} ${by}`);
}

test('what the file or a source says anew is named, with who says it', () => {
  assert.deepEqual(held({ ...BEFORE, models: { ...BEFORE.models, 'm@1': makeModel({ name: 'm', replicas: 3 }) }, labels: {} }), ['model m@1 file', 'label m@stable file']);
  assert.deepEqual(held({ ...BEFORE, rules: { s: { versions: { latest: 3 } } } }), ['rule s /models']);
  assert.deepEqual(held({ ...BEFORE, apps: { a: { ...makeApp(), sloMs: 77 } } }), ['app a file']);
});

test('what admin added, and the hands on an app, last', () => {
  assert.deepEqual(held({ ...BEFORE, models: { ...BEFORE.models, 'own@1': makeModel({ name: 'own', replicas: 3 }), 'new@1': makeModel({ name: 'new' }) } }), []);
  assert.deepEqual(held({ ...BEFORE, steering: { a: { frozen: true } } }), []);
});
