import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelService } from '../../../../../frontend/grpc/tfs/model-service.ts';
import { decode, encode } from '../../../../support/tfs-messages.ts';
import { servedModel, tfsWorld } from '../../../../support/tfs-world.ts';
import { unaryCall, type CallOutcome } from '../../../../support/unary-call-double.ts';

const { served } = tfsWorld([servedModel('m', [], undefined)]);
const reloads: string[] = [];
const service = modelService({
  served, whyUnready: () => ({ kind: 'coming' }),
  operators: { caller: (authorization) => (authorization === 'Bearer t' ? 'ann' : { code: 'unauthenticated', message: 'A valid bearer token is needed.' }) },
  configs: { reload: async (models, who) => {
    reloads.push(`${who} ${models.map(({ name }) => name).join(',')}`);
    return models[0]?.name === 'nope' ? { code: 'unknown_model', message: 'Model nope is not known here.' } : undefined;
  } },
});

async function reload(config: Record<string, unknown> | undefined, headers: Readonly<Record<string, string>> = { authorization: 'Bearer t' }): Promise<string> {
  const { call, outcome } = unaryCall(encode('ReloadConfigRequest', { config }), { headers });
  const method = service.methods['HandleReloadConfigRequest'];
  if (method?.kind === 'unary') method.handle(call);
  await new Promise((resolve) => setImmediate(resolve));
  return outcome.answer === undefined ? `${outcome.code} ${outcome.message}` : JSON.stringify(decode('ReloadConfigResponse', outcome.answer));
}

test('a configuration is carried out for who may, and refused to others', async () => {
  assert.equal(await reload({ modelConfigList: { config: [{ name: 'm' }, { name: 'n' }] } }), '{"status":{}}');
  assert.equal(await reload({ modelConfigList: { config: [{ name: 'nope' }] } }), '5 Model nope is not known here.');
  assert.equal(await reload(undefined), '3 The configuration must be a model_config_list.');
  assert.equal(await reload({ modelConfigList: {} }, {}), '16 A valid bearer token is needed.');
  assert.deepEqual(reloads, ['ann m,n', 'ann nope']);
});

function status(spec: Record<string, unknown>): CallOutcome {
  const { call, outcome } = unaryCall(encode('GetModelStatusRequest', { modelSpec: spec }));
  const method = service.methods['GetModelStatus'];
  assert.equal(method?.kind, 'unary');
  if (method?.kind === 'unary') method.handle(call);
  return outcome;
}

test('all versions, or the one that is asked for; a label says nothing', () => {
  const both = [{ version: '2', state: 'AVAILABLE', status: {} }, { version: '1', state: 'AVAILABLE', status: {} }];
  assert.deepEqual(decode('GetModelStatusResponse', status({ name: 'm' }).answer ?? Buffer.alloc(0)), { modelVersionStatus: both });
  assert.deepEqual(decode('GetModelStatusResponse', status({ name: 'm', versionLabel: 'nope' }).answer ?? Buffer.alloc(0)), { modelVersionStatus: both });
  assert.deepEqual(decode('GetModelStatusResponse', status({ name: 'm', version: { value: 1 } }).answer ?? Buffer.alloc(0)), { modelVersionStatus: both.slice(1) });
});

test('what there is not has the words that clients know', () => {
  assert.deepEqual([status({}), status({ name: 'x' }), status({ name: 'm', version: { value: 9 } })].map(({ code, message }) => `${code} ${message}`), [
    '3 Missing ModelSpec', '5 Could not find any versions of model x', '5 Could not find version 9 of model m',
  ]);
});
