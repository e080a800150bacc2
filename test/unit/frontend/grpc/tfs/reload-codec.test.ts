import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReloadRequest, RELOADED } from '../../../../../frontend/grpc/tfs/reload-codec.ts';
import { decode, encode } from '../../../../support/tfs-messages.ts';

test('models with their place, policy and labels', () => {
  const config = [
    { name: 'a', basePath: '/models/a', modelPlatform: 'tensorflow', modelVersionPolicy: { latest: { numVersions: 2 } }, versionLabels: { stable: 1, canary: 2 } },
    { name: 'b', modelVersionPolicy: { specific: { versions: [3, 300] } } }, { name: 'c', modelVersionPolicy: { all: {} } }, { name: 'd', modelVersionPolicy: { latest: {} } }, { name: 'e' },
  ];
  assert.deepEqual(readReloadRequest(encode('ReloadConfigRequest', { config: { modelConfigList: { config } } })), [
    { name: 'a', basePath: '/models/a', versions: { latest: 2 }, labels: new Map([['stable', 1], ['canary', 2]]) },
    { name: 'b', basePath: '', versions: { specific: [3, 300] }, labels: new Map() }, { name: 'c', basePath: '', versions: 'all', labels: new Map() },
    { name: 'd', basePath: '', versions: { latest: 1 }, labels: new Map() }, { name: 'e', basePath: '', versions: undefined, labels: new Map() },
  ]);
});

test('no configuration, and one of another kind, are none', () => {
  assert.equal(readReloadRequest(Buffer.alloc(0)), undefined);
  assert.equal(readReloadRequest(encode('ReloadConfigRequest', { config: { customModelConfig: { type_url: 'x' } } })), undefined);
  assert.deepEqual(readReloadRequest(encode('ReloadConfigRequest', { config: { modelConfigList: {} } })), []);
  assert.throws(() => readReloadRequest(Buffer.from([0x0a, 9])), /protobuf/);
});

test('the answer says OK', () => {
  assert.deepEqual(decode('ReloadConfigResponse', RELOADED), { status: {} });
});
