import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findServable } from '../../../../../frontend/protocols/tfs/servable.ts';
import { servedModel, tfsWorld } from '../../../../support/tfs-world.ts';

const { served } = tfsWorld([servedModel('half', [], undefined)]);

test('a model is found by its name, a version and a label', () => {
  const versions = [{ name: 'half' }, { name: 'half', version: 1 }, { name: 'half', label: 'stable' }].map((name) => {
    const found = findServable(served, name);
    return found.ok ? found.served.pin : found.refusal.message;
  });
  assert.deepEqual(versions, [{ model: 'half' }, { model: 'half', version: 1 }, { model: 'half', version: 'stable' }]);
});

test('what there is not has the words that clients know', () => {
  const texts = [{ name: 'nope' }, { name: 'half', version: 9 }, { name: 'half', label: 'x' }].map((name) => {
    const found = findServable(served, name);
    return found.ok ? 'found' : found.refusal.message;
  });
  assert.deepEqual(texts, ['Servable not found for request: Latest(nope)', 'Servable not found for request: Specific(half, 9)', 'Unrecognized servable version label: x']);
});
