import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { oipService, type OipServiceParts } from '../../../../../frontend/grpc/oip/service.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';
import { openGrpc, type Called } from '../../../../support/grpc-client.ts';
import { oipMethod } from '../../../../support/oip-codec.ts';
import { rawOutputs, servedModel, tfsWorld } from '../../../../support/tfs-world.ts';

const X = { name: 'x', dtype: 'float32' as const, shape: [-1] };
const PATH = '/inference.GRPCInferenceService/';

test('what clients ask of server, models, statistics and repository is answered as another\'s codec reads it', async () => {
  const world = tfsWorld([servedModel('m', [X], rawOutputs('raw', X)), servedModel('idle', undefined, undefined, { ready: false })]);
  const changed: string[] = [];
  const parts: OipServiceParts = {
    ...world, clock: new VirtualClock(), version: '1.0', ready: () => false,
    statistics: { of: (_kind, name) => (name === 'm' ? [{ version: 2, lastAtEpochMs: 5, rows: 7, batches: 3, success: { count: 2, micros: 4 }, fail: ZERO, queue: ZERO, transfer: ZERO, compute: ZERO, cacheHits: 0, cacheMisses: 0, byRows: [{ rows: 4, compute: ZERO }] }] : []) },
    repository: { load: async (model, who) => void changed.push(`load ${model} ${who}`), unload: async () => ({ code: 'unknown_model', message: 'none' }) },
    operators: { caller: (authorization) => (authorization === 'Bearer good' ? 'ops' : { code: 'unauthenticated', message: 'who' }) },
  };
  const grpc = await openGrpc({ services: [oipService(parts)] });
  const ask = async (name: string, request: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Called & { json: Record<string, unknown> }> => {
    const method = oipMethod(name);
    const called = await grpc.call(PATH + name, method.requestSerialize(request), { headers });
    return { ...called, json: called.message === undefined ? {} : method.responseDeserialize(called.message) as Record<string, unknown> };
  };
  assert.deepEqual([(await ask('ServerLive')).json, (await ask('ServerReady')).json], [{ live: true }, {}]);
  assert.deepEqual([(await ask('ModelReady', { name: 'm' })).json, (await ask('ModelReady', { name: 'idle' })).json, (await ask('ModelReady', { name: 'n' })).json], [{ ready: true }, {}, {}]);
  assert.equal((await ask('ServerMetadata')).json['name'], 'tradewind');
  assert.deepEqual((await ask('ModelMetadata', { name: 'm' })).json, {
    name: 'm', versions: ['1', '2'], platform: 'tradewind_synthetic', inputs: [{ name: 'x', datatype: 'FP32', shape: ['-1', '-1'] }], outputs: [{ name: 'x', datatype: 'FP32', shape: ['-1', '-1'] }],
  });
  const { config } = (await ask('ModelConfig', { name: 'm', version: '1' })).json as { config: Record<string, unknown> };
  assert.deepEqual([config['max_batch_size'], config['input']], [4096, [{ name: 'x', data_type: 11, dims: ['-1'] }]]);
  const { model_stats: stats } = (await ask('ModelStatistics')).json as { model_stats: Record<string, unknown>[] };
  assert.deepEqual([stats.length, stats[0]?.['inference_count'], (stats[0]?.['inference_stats'] as Record<string, unknown> | undefined)?.['success']], [1, '7', { count: '2', ns: '4000' }]);
  const { models } = (await ask('RepositoryIndex', { ready: true })).json as { models: { name: string }[] };
  assert.ok(models.some(({ name }) => name === 'm'));
  for (const name of ['ModelMetadata', 'ModelConfig', 'ModelStatistics']) assert.equal((await ask(name, { name: 'n' })).code, status.NOT_FOUND);

  assert.equal((await ask('RepositoryModelLoad', { model_name: 'm' })).code, status.UNAUTHENTICATED);
  assert.equal((await ask('RepositoryModelLoad', { model_name: 'm' }, { authorization: 'Bearer good' })).code, status.OK);
  assert.equal((await ask('RepositoryModelLoad', { model_name: 'm', parameters: { config: { string_param: '{}' } } }, { authorization: 'Bearer good' })).code, status.INVALID_ARGUMENT);
  const refused = await ask('RepositoryModelUnload', { model_name: 'n' }, { authorization: 'Bearer good' });
  assert.deepEqual([refused.code, refused.details, changed], [status.NOT_FOUND, "failed to unload 'n', none", ['load m ops']]);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});

const ZERO = { count: 0, micros: 0 };
