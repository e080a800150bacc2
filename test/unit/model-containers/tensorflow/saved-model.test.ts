import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSavedModel } from '../../../../model-containers/tensorflow/saved-model.ts';
import { SAVED_MODEL } from '../../../support/tensorflow.ts';

test('a signature is read with its names, nodes, element types and shapes', () => {
  assert.deepEqual(readSavedModel(SAVED_MODEL, 'serving_default'), {
    inputs: [{ name: 'x', node: 'serving_default_x:0', type: 1, dtype: 'float32', shape: [-1, 4] }],
    outputs: [
      { name: 'label', node: 'StatefulPartitionedCall:0', type: 9, dtype: 'int64', shape: [-1] },
      { name: 'probabilities', node: 'StatefulPartitionedCall:1', type: 1, dtype: 'float32', shape: [-1, 3] },
    ],
  });
  assert.deepEqual(readSavedModel(SAVED_MODEL, 'exact').inputs.map(({ name, dtype }) => [name, dtype]), [['big', 'int64'], ['byte', 'uint8'], ['flag', 'bool'], ['small', 'int32']]);
});

test('a tensor of which not even the rank is known has no shape', () => {
  assert.equal(readSavedModel(SAVED_MODEL, 'shapeless').outputs[0]?.shape, undefined);
});

test('what is wrong with a folder is said', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'saved-model-'));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.throws(() => readSavedModel(SAVED_MODEL, 'none'), /has no signature none; it has .*join/);
  assert.throws(() => readSavedModel(folder, 'x'), /is not the folder of a SavedModel: ENOENT/);
  writeFileSync(join(folder, 'saved_model.pb'), 'hello world');
  assert.throws(() => readSavedModel(folder, 'x'), /saved_model\.pb: protobuf: /);
  writeFileSync(join(folder, 'saved_model.pb'), '');
  assert.throws(() => readSavedModel(folder, 'x'), /no graph with the tag serve/);
});
