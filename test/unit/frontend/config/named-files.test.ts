import assert from 'node:assert/strict';
import { test } from 'node:test';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, filesOfConfig, isFile, noFiles, readClassNames } from '../../../../frontend/config/named-files.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';
import { folderWith } from '../../../support/config-files.ts';

test('the configuration file names what exists, from its folder on', (t) => {
  const folder = folderWith(t, { 'a/m.onnx': 'x' });
  const files = filesOfConfig(folder);
  const faults: Fault[] = [];
  assert.equal(files.file('a/m.onnx', [], faults), join(folder, 'a/m.onnx'));
  files.command(['node', './x.ts'], [], faults);
  assert.deepEqual(faults, []);
  assert.equal(files.file('b', [], faults), undefined);
  files.command([''], [], faults);
  files.command(['./none'], [], faults);
  assert.equal(faults.length, 3);
  assert.ok(isFile(join(folder, 'a/m.onnx')) && !isFile(folder));
});

test('admin names only what really lies below its root', (t) => {
  const folder = folderWith(t, { 'root/in.onnx': 'x', 'root-2/out.onnx': 'x', 'out.onnx': 'x' });
  symlinkSync(join(folder, 'out.onnx'), join(folder, 'root/link.onnx'));
  symlinkSync(folder, join(folder, 'root/up'));
  const files = filesBelow(join(folder, 'root'));
  const taken = (text: string): boolean => {
    const faults: Fault[] = [];
    return files.file(text, [], faults) !== undefined && faults.length === 0;
  };
  assert.ok(taken('in.onnx'));
  assert.ok(taken(join(folder, 'root/in.onnx')));
  for (const outside of ['link.onnx', 'up/out.onnx', '../out.onnx', '../root-2/out.onnx', '/etc/passwd', 'none', '']) assert.ok(!taken(outside), outside);
});

test('admin starts only programs below its root', (t) => {
  const folder = folderWith(t, { 'root/run': 'x', 'out': 'x' });
  const files = filesBelow(join(folder, 'root'));
  const taken = (command: readonly string[]): boolean => {
    const faults: Fault[] = [];
    files.command(command, [], faults);
    return faults.length === 0;
  };
  assert.ok(taken(['./run']) && taken(['node', './run', '--flag']) && taken(['python3', 'run']));
  for (const command of [['node'], ['node', '-e', '1'], ['sh', './run'], ['../out'], ['/bin/sh', '-c', 'x']]) assert.ok(!taken(command), command.join(' '));
});

test('without leave nobody names anything, and it is told', () => {
  let told = 0;
  const files = noFiles(() => { told++; });
  files.file('x', [], []);
  files.place('x', [], []);
  files.command(['x'], [], []);
  assert.equal(told, 3);
});

test('class names are one a line, whole', (t) => {
  const folder = folderWith(t, { good: 'zero\r\none\n', gap: 'zero\n\none\n' });
  const faults: Fault[] = [];
  assert.deepEqual(readClassNames(join(folder, 'good'), [], faults), ['zero', 'one']);
  assert.deepEqual(faults, []);
  readClassNames(join(folder, 'gap'), [], faults);
  readClassNames(join(folder, 'none'), [], faults);
  assert.match(faults.map(({ message }) => message).join(), /line 2.*cannot be read/u);
});
