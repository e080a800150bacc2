import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { WARM_UP_FILE, readFolderRules, readFolderVersion, type Reading } from '../../../../../frontend/lifecycle/sources/read-version.ts';
import type { ModelSpec } from '../../../../../frontend/domain/model.ts';
import { folderWith } from '../../../../support/config-files.ts';

function read(t: TestContext, files: Readonly<Record<string, string>>, words: { model?: string; own?: string } = {}): Reading<ModelSpec> & { folder: string } {
  const folder = folderWith(t, files);
  const found = { version: 4, folder, entries: readdirSync(folder), ...(words.own === undefined ? {} : { words: words.own }) };
  return { ...readFolderVersion({ name: 'm', ...(words.model === undefined ? {} : { words: words.model }) }, found, []), folder };
}

test('what lies in the folder shows what serves it', (t) => {
  const onnx = read(t, { 'model.onnx': 'x', [WARM_UP_FILE]: '' });
  assert.ok(onnx.ok);
  assert.deepEqual([onnx.value.name, onnx.value.version, onnx.value.container, onnx.value.path, onnx.value.warmUp?.requests], ['m', 4, { kind: 'builtin', name: 'onnx' }, join(onnx.folder, 'model.onnx'), join(onnx.folder, WARM_UP_FILE)]);
  const python = read(t, { 'model.py': 'x' });
  assert.deepEqual(python.ok && [python.value.container.kind, python.value.path], ['python', join(python.folder, 'model.py')]);
  const sklearn = read(t, { 'model.joblib': 'x' });
  assert.deepEqual(sklearn.ok && [sklearn.value.container.kind, sklearn.value.options], ['python', { loader: 'sklearn' }]);
  const tensorflow = read(t, { 'saved_model.pb': 'x' });
  assert.deepEqual(tensorflow.ok && [tensorflow.value.container.kind, tensorflow.value.path], ['tensorflow', tensorflow.folder]);
});

test('words of the version over words of the model over what is shown; rules are not the version\'s', (t) => {
  const spec = read(t, { 'model.onnx': 'x' }, { model: 'container: synthetic\noptions: { per_batch_ms: 1, noise: 0.1 }\nversion_policy: all\nreplicas: 3\n', own: 'options: { per_batch_ms: 2 }\nslo_ms: 7\n' });
  assert.ok(spec.ok);
  assert.deepEqual([spec.value.container, spec.value.options, spec.value.replicas, spec.value.sloMs], [{ kind: 'builtin', name: 'synthetic' }, { per_batch_ms: 2, noise: 0.1 }, 3, 7]);
});

test('what cannot be is said, by place and word', (t) => {
  const whyOf = (...args: Parameters<typeof read> extends [unknown, ...infer Rest] ? Rest : never): string => {
    const result = read(t, ...args);
    return result.ok ? '' : result.why;
  };
  assert.match(whyOf({ 'notes.txt': '' }), /^holds none of model.onnx, saved_model.pb/u);
  assert.match(whyOf({ 'model.onnx': '' }, { own: 'version: 9\n' }), /version: cannot be given here/u);
  assert.match(whyOf({ 'model.onnx': '' }, { own: 'slo_ms: x\n' }), /slo_ms: is "x"/u);
  assert.match(whyOf({ 'model.onnx': '' }, { own: 'a: [\n' }), /^model.yaml: line/u);
  assert.match(whyOf({ 'model.onnx': '' }, { model: '- 1\n' }), /^the model's model.yaml: is no map of words/u);
  assert.match(whyOf({}, { own: 'container: onnx\npath: none.onnx\n' }), /does not exist/u);
});

test('rules: the newest version unless the model says otherwise', () => {
  assert.deepEqual(readFolderRules({}), { ok: true, value: { versions: { latest: 1 } } });
  assert.deepEqual(readFolderRules({ words: 'version_policy: { latest: 3 }\ntransition: resource\nreplicas: 2\n' }), { ok: true, value: { versions: { latest: 3 }, transition: 'resource' } });
  const refused = readFolderRules({ words: 'transition: fast\n' });
  assert.ok(!refused.ok && refused.why.startsWith('transition: is "fast"'));
});
