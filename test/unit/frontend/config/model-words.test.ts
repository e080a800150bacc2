import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { check } from '../../../../frontend/config/check.ts';
import { readModel, writeModel } from '../../../../frontend/config/model-words.ts';
import { filesOfConfig } from '../../../../frontend/config/named-files.ts';
import { MODEL } from '../../../../frontend/config/options.ts';
import type { RawModel } from '../../../../frontend/config/options.ts';
import { plain } from '../../../../frontend/config/schema.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';
import type { ModelSpec } from '../../../../frontend/domain/model.ts';
import { folderWith } from '../../../support/config-files.ts';

function read(value: unknown, folder = '/'): { spec: ModelSpec; faults: string[] } {
  const faults: Fault[] = [];
  const raw = check(plain(MODEL), value, [], faults) as RawModel;
  assert.equal(faults.length, 0);
  const spec = readModel(raw, { at: [], files: filesOfConfig(folder), dialAllow: ['127.0.0.1'], faults });
  return { spec, faults: faults.map(({ path }) => path.join('.')) };
}

test('the words of the file become a model version with absolute paths and all defaults', (t) => {
  const folder = folderWith(t, { 'm.onnx': 'x', classes: 'zero\none\n' });
  const { spec, faults } = read({ name: 'm', version: 2, container: 'onnx', path: 'm.onnx', input: { dtype: 'float32', shape: [64] }, output: { name: 'p', kind: 'probabilities', class_names: 'classes' }, profile: { cost_per_hour: 1 } }, folder);
  assert.deepEqual(faults, []);
  assert.deepEqual(spec, {
    name: 'm', version: 2, container: { kind: 'builtin', name: 'onnx' }, path: join(folder, 'm.onnx'), options: {}, replicas: 1,
    input: [{ name: 'input', dtype: 'float32', shape: [64] }], output: { name: 'p', kind: 'probabilities', classNames: ['zero', 'one'] },
    batching: { controller: 'planner', maxBatch: 128, maxQueueRows: 8192 }, sloMs: 20, profile: { costPerHour: 1 },
  });
});

test('a command is started in the folder of the file; each dialled address is a replica', (t) => {
  const folder = folderWith(t);
  assert.deepEqual(read({ name: 'm', version: 1, container: { command: ['node', './c.ts'] } }, folder).spec.container, { kind: 'command', command: ['node', './c.ts'], cwd: folder });
  const { spec, faults } = read({ name: 'm', version: 1, container: { dial: ['127.0.0.1:9', 'unix:s.sock'] } }, folder);
  assert.deepEqual(faults, []);
  assert.deepEqual(spec.container, { kind: 'dial', addresses: ['tcp://127.0.0.1:9', `unix:${folder}/s.sock`] });
  assert.equal(spec.replicas, 2);
});

test('answers are kept only where that is enabled, with a time to live or without', () => {
  const cacheOf = (cache?: object): unknown => read({ name: 'm', version: 1, container: 'synthetic', ...(cache === undefined ? {} : { cache }) }).spec.cache;
  assert.deepEqual([cacheOf(), cacheOf({ ttl_ms: 5 }), cacheOf({ enabled: true }), cacheOf({ enabled: true, ttl_ms: 5 })], [undefined, undefined, {}, { ttlMs: 5 }]);
});

test('containers are dialled on this machine only, whatever the allow-list says', () => {
  const faults: Fault[] = [];
  const raw = check(plain(MODEL), { name: 'm', version: 1, container: { dial: ['10.0.0.1:80'] } }, [], faults) as RawModel;
  readModel(raw, { at: [], files: filesOfConfig('/'), dialAllow: ['10.0.0.1'], faults });
  assert.deepEqual(faults.map(({ message }) => message), ['"10.0.0.1" is not on loopback']);
});

test('what cannot be is refused where it stands', (t) => {
  const folder = folderWith(t, { 'dir/x': '' });
  const faultsOf = (more: object): string[] => read({ name: 'm', version: 1, container: 'synthetic', ...more }, folder).faults;
  assert.deepEqual(faultsOf({ container: 'onnx' }), ['']);
  assert.deepEqual(faultsOf({ container: 'onnx', path: 'dir' }), ['path']);
  assert.deepEqual(faultsOf({ container: { dial: ['10.0.0.1:80', '127.0.0.1:0'] }, replicas: 3 }), ['container.dial.0', 'container.dial.1', 'replicas']);
  assert.deepEqual(faultsOf({ input: [{ dtype: 'int8', shape: [0] }, { dtype: 'int8', shape: [1], ragged: true }] }), ['input.0.shape.0', 'input.1', 'input.1.ragged']);
  assert.deepEqual(faultsOf({ output: { kind: 'value', class_names: ['a'] } }), ['output.class_names']);
});

test('written and read again it is the same', (t) => {
  const folder = folderWith(t, { 'm.onnx': 'x' });
  for (const value of [
    { name: 'm', version: 1, container: 'onnx', path: 'm.onnx', options: { threads: 2 }, output: { kind: 'label', class_names: ['a', 'b'] }, slo_ms: 7.5, profile: { accuracy: 0.5, memory_mb: 3 } },
    { name: 'm', version: 1, container: { dial: ['127.0.0.1:9', 'unix:/s'] }, input: [{ name: 'a', dtype: 'bytes', shape: [-1], ragged: true }] },
    { name: 'm', version: 1, container: { oip: ['grpc://127.0.0.1:9', 'http://127.0.0.1:8'], model: 'theirs' } },
    { name: 'm', version: 1, container: { command: ['x'] }, replicas: 0, batching: { controller: 'fixed', max_batch: 3 }, cache: { enabled: true, ttl_ms: 50 } },
    { name: 'm', version: 1, container: 'synthetic', cache: { enabled: true } },
  ]) {
    const { spec } = read(value, folder);
    assert.deepEqual(read(writeModel(spec, ['stable']), folder).spec, spec);
  }
});
