import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { check } from '../../../../frontend/config/check.ts';
import type { NamedFiles } from '../../../../frontend/config/named-files.ts';
import { filesBelow, filesOfConfig, noFiles } from '../../../../frontend/config/named-files.ts';
import type { RawModel } from '../../../../frontend/config/options.ts';
import { MODEL } from '../../../../frontend/config/options.ts';
import { readPython, readTensorflow } from '../../../../frontend/config/python-words.ts';
import { plain } from '../../../../frontend/config/schema.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';
import type { ContainerSpec } from '../../../../frontend/domain/model.ts';
import { folderWith } from '../../../support/config-files.ts';

function read(more: object, files: NamedFiles): { container: ContainerSpec; faults: string[] } {
  const faults: Fault[] = [];
  const raw = check(plain(MODEL), { name: 'm', version: 1, container: 'python', ...more }, [], faults) as RawModel;
  assert.equal(faults.length, 0);
  const container = readPython(raw, { at: [], files, faults });
  return { container, faults: faults.map(({ path }) => path.join('.')) };
}

test('an interpreter and what it serves', (t) => {
  const folder = folderWith(t, { 'model.py': '', 'bin/python': '' });
  const files = filesOfConfig(folder);
  assert.deepEqual(read({ path: 'model.py' }, files), { container: { kind: 'python', interpreter: 'python3', cwd: folder }, faults: [] });
  assert.deepEqual(read({ path: 'm.joblib', options: { loader: 'sklearn', python: './bin/python' } }, files), { container: { kind: 'python', interpreter: './bin/python', cwd: folder }, faults: [] });
  assert.deepEqual(read({ options: { entry: 'package.module:Model' } }, files).faults, []);
});

test('what cannot be is refused where it stands', (t) => {
  const files = filesOfConfig(folderWith(t));
  const faultsOf = (more: object): string[] => read(more, files).faults;
  assert.deepEqual(faultsOf({}), ['']);
  assert.deepEqual(faultsOf({ path: 'model.pkl' }), ['']);
  assert.deepEqual(faultsOf({ path: 'x', options: { entry: 'a:b', loader: 'onnx' } }), ['options']);
  assert.deepEqual(faultsOf({ options: { entry: 'a:b', python: './no/such' } }), ['options.python.0']);
  for (const python of ['-c', '', 7]) assert.ok(faultsOf({ options: { entry: 'a:b', python } }).includes('options.python'), String(python));
  for (const entry of ['/etc/x.py:f', '../x.py:f', 'a/../../x.py:f']) assert.deepEqual(faultsOf({ options: { entry } }), ['options.entry']);
});

test('through admin it is code: refused, or below the deploy root', (t) => {
  let refused = 0;
  read({ options: { entry: 'os:system' } }, noFiles(() => refused++));
  assert.equal(refused, 1);
  const root = folderWith(t, { 'model.py': '', 'bin/python': '' });
  const files = filesBelow(root);
  assert.deepEqual(read({ path: 'model.py' }, files).faults, []);
  assert.deepEqual(read({ path: join(root, 'model.py'), options: { python: join(root, 'bin/python') } }, files).faults, []);
  assert.deepEqual(read({ options: { entry: 'os:system' } }, files).faults, ['options.python.1']);
  assert.deepEqual(read({ path: '/etc/model.py' }, files).faults, ['options.python.1']);
  assert.deepEqual(read({ path: 'model.py', options: { python: '/usr/bin/python3' } }, files).faults, ['options.python.0']);
});

test('tensorflow needs a path; the interpreter that stands in may be named, and is code', (t) => {
  const folder = folderWith(t, { 'bin/python': '' });
  const tensorflow = (more: object, files: NamedFiles): { container: ContainerSpec; faults: string[] } => {
    const faults: Fault[] = [];
    const raw = check(plain(MODEL), { name: 'm', version: 1, container: 'tensorflow', ...more }, [], []) as RawModel;
    return { container: readTensorflow(raw, { at: [], files, faults }), faults: faults.map(({ path }) => path.join('.')) };
  };
  const files = filesOfConfig(folder);
  assert.deepEqual(tensorflow({ path: 'saved' }, files), { container: { kind: 'tensorflow', cwd: folder }, faults: [] });
  assert.deepEqual(tensorflow({ path: 'saved', options: { python: './bin/python' } }, files), { container: { kind: 'tensorflow', interpreter: './bin/python', cwd: folder }, faults: [] });
  assert.deepEqual(tensorflow({}, files).faults, ['']);
  assert.deepEqual(tensorflow({ path: 'saved', options: { python: '-c' } }, files).faults, ['options.python']);
  let refused = 0;
  tensorflow({ path: 'saved', options: { python: 'sh' } }, noFiles(() => refused++));
  assert.equal(refused, 1);
});
