import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDesired, writeDesired } from '../../../../../frontend/storage/sqlite/desired-record.ts';
import { mergeFile } from '../../../../../frontend/control/desired-merge.ts';
import { EMPTY_DESIRED_STATE } from '../../../../../frontend/domain/model.ts';
import { desiredOf, makeApp, makeModel } from '../../../../support/specs.ts';

test('written and read again it is the same, names finding only their own', () => {
  const state = mergeFile(EMPTY_DESIRED_STATE, desiredOf([makeModel()], [makeApp()], { m: { stable: 1 } }));
  const read = readDesired(writeDesired(state));
  assert.deepEqual(read, state);
  assert.equal(read.labels['constructor'], undefined);
});
