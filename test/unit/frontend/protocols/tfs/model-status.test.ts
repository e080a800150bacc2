import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noSuchVersion, versionStatuses } from '../../../../../frontend/protocols/tfs/model-status.ts';
import { servedModel } from '../../../../support/tfs-world.ts';

const model = servedModel('m', [], undefined, { versions: [{ version: 1, ready: true }, { version: 2, ready: false }] });

test('the newest version first, each with its state; or one of them', () => {
  assert.deepEqual(versionStatuses(model), [{ version: 2, state: 'LOADING' }, { version: 1, state: 'AVAILABLE' }]);
  assert.deepEqual(versionStatuses(model, 1), [{ version: 1, state: 'AVAILABLE' }]);
  assert.deepEqual(versionStatuses(model, 3), []);
});

test('the words for what there is not', () => {
  assert.equal(noSuchVersion('m', undefined).message, 'Could not find any versions of model m');
  assert.equal(noSuchVersion('m', 3).message, 'Could not find version 3 of model m');
});
