import assert from 'node:assert/strict';
import { appendFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { WORDS_FILE, scan } from '../../../../../frontend/lifecycle/sources/scan.ts';
import { folderWith } from '../../../../support/config-files.ts';

test('models, their versions newest first, and their words', async (t) => {
  const root = folderWith(t, { [`m/${WORDS_FILE}`]: 'a: 1', 'm/1/model.onnx': 'x', 'm/10/model.onnx': 'y', [`m/10/${WORDS_FILE}`]: 'b: 2', 'm/10/deep/er/file': 'z', 'm/notes.txt': '', 'readme.txt': '', '.copying/1/x': '', 'm/_old/x': '' });
  const { models: [model], refused } = await scan(root);
  assert.deepEqual(refused, []);
  assert.deepEqual([model?.name, model?.words, model?.versions.map(({ version, words, entries }) => [version, words, entries])], ['m', 'a: 1', [[10, 'b: 2', ['deep', 'model.onnx', 'model.yaml']], [1, undefined, ['model.onnx']]]]);
});

test('links, bad names and what is no file are refused, with the reason', async (t) => {
  const root = folderWith(t, { 'm/1/x': '', 'm/01/x': '', 'm/v2/x': '', 'm/99999999999/x': '', 'Upper/1/x': '', 'n/1/x': '' });
  symlinkSync('/etc', join(root, 'etc'));
  symlinkSync('/etc/passwd', join(root, 'n', '1', 'secret'));
  symlinkSync('/etc/passwd', join(root, 'm', WORDS_FILE));
  const { models, refused } = await scan(root);
  assert.deepEqual(models.map(({ name, versions, words }) => [name, versions.length, words]), [['m', 1, undefined], ['n', 0, undefined]]);
  assert.deepEqual(refused.map(({ path, why }) => `${path.slice(root.length + 1)} ${why.slice(0, 16)}`).toSorted(), [
    'Upper a name is lower-', 'etc is a symbolic li', 'm/01 a version is a p', 'm/99999999999 a version is a p', 'm/model.yaml is no file', 'm/v2 a version is a p', 'n/1/secret is a symbolic li',
  ]);
});

test('a version prints otherwise with every byte that is added; of a known one only what lies directly in it is looked at', async (t) => {
  const root = folderWith(t, { 'm/1/model.onnx': 'x' });
  const file = join(root, 'm', '1', 'model.onnx');
  const version = (await scan(root)).models[0]?.versions[0];
  assert.ok(version);
  appendFileSync(file, 'y');
  assert.notEqual((await scan(root)).models[0]?.versions[0]?.print, version.print);
  const known = new Map([[version.folder, version]]);
  assert.equal((await scan(root, known)).models[0]?.versions[0], version);
  writeFileSync(join(root, 'm', '1', 'more'), '');
  assert.notEqual((await scan(root, known)).models[0]?.versions[0]?.print, version.print);
});

test('a root that is not there is an error', async (t) => {
  await assert.rejects(scan(join(folderWith(t), 'none')), /ENOENT/u);
});
