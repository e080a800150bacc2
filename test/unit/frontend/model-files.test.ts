import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesOf } from '../../../frontend/model-files.ts';
import { folderWith } from '../../support/config-files.ts';

test('a file by its name, a folder by the paths below it', async (t) => {
  const folder = folderWith(t, { 'm.onnx': 'weights', 'deep/er/x.py': 'y' });
  assert.deepEqual(await filesOf(join(folder, 'm.onnx')), { 'm.onnx': Buffer.from('weights') });
  assert.deepEqual(await filesOf(folder), { 'm.onnx': Buffer.from('weights'), 'deep/er/x.py': Buffer.from('y') });
  await assert.rejects(filesOf(join(folder, 'nowhere')), /ENOENT/);
});
