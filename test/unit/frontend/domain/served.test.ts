import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isServedMiss } from '../../../../frontend/domain/served.ts';
import { servedModel } from '../../../support/tfs-world.ts';

test('a miss is told from what a name means', () => {
  assert.equal(isServedMiss({ missing: 'name' }), true);
  assert.equal(isServedMiss(servedModel('m', undefined, undefined)), false);
});
