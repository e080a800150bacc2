import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerError } from '../../../../frontend/domain/errors.ts';
import { EMPTY_DESIRED_STATE, modelKey, nameRecord, type DesiredState, type ModelSpec } from '../../../../frontend/domain/model.ts';
import type { ChangeResult } from '../../../../frontend/lifecycle/desired-state-owner.ts';
import { ModelConfigs } from '../../../../frontend/lifecycle/model-configs.ts';
import { makeApp, makeModel } from '../../../support/specs.ts';

type Configured = Parameters<ModelConfigs['reload']>[0][number];

function world(): { configs: ModelConfigs; log: string[]; refuse: { label: string | undefined } } {
  const specs: readonly ModelSpec[] = [makeModel({ name: 'a', version: 1, path: '/models/a/1/x.onnx' }), makeModel({ name: 'a', version: 2, path: '/models/a/2/x.onnx' }), makeModel({ name: 'b', version: 1 })];
  const current: DesiredState = {
    ...EMPTY_DESIRED_STATE, models: nameRecord(specs.map((spec) => [modelKey(spec.name, spec.version), spec] as const)),
    labels: nameRecord([['a', nameRecord([['stable', 1], ['old', 1]])]]), rules: nameRecord([['a', { transition: 'resource' as const }]]), apps: nameRecord([['app', makeApp({ name: 'app', arms: ['a', 'b'] })]]),
  };
  const log: string[] = [];
  const refuse: { label: string | undefined } = { label: undefined };
  const done: ChangeResult = { ok: true, changed: { revision: 1, etag: '"1"', dryRun: false, diff: {} as never } };
  const said = (what: string): Promise<undefined> => {
    log.push(what);
    return Promise.resolve(undefined);
  };
  const configs = new ModelConfigs({
    owner: {
      current,
      putRules: async (model, rules, { by }) => {
        log.push(`${by?.who} rules ${model} ${JSON.stringify(rules)}`);
        return done;
      },
      putLabel: async (model, label, version) => {
        log.push(`label ${model}@${label} ${version}`);
        return refuse.label === label ? { ok: false, error: new BrokerError('not_ready') } : done;
      },
      deleteLabel: async (model, label) => {
        log.push(`unlabel ${model}@${label}`);
        return done;
      },
    },
    loader: { load: (model) => said(`load ${model}`), unload: (model) => said(`unload ${model}`) },
  });
  return { configs, log, refuse };
}
function model(name: string, more: Partial<Configured> = {}): Configured {
  return { name, basePath: '', versions: undefined, labels: new Map(), ...more };
}

test('what is named is configured, loaded and labelled; what is not is unloaded', async () => {
  const { configs, log } = world();
  assert.equal(await configs.reload([model('a', { basePath: '/models/a', versions: { latest: 1 }, labels: new Map([['stable', 1], ['canary', 2]]) })], 'ann'), undefined);
  assert.deepEqual(log, ['ann rules a {"transition":"resource","versions":{"latest":1}}', 'load a', 'label a@canary 2', 'unlabel a@old', 'unload b']);
});

test('what is wrong is found before anything changes', async () => {
  const { configs, log } = world();
  const wrong: readonly (readonly [readonly Configured[], string])[] = [
    [[], 'invalid_config'], [[model('a'), model('a')], 'invalid_config'], [[model('a'), model('x')], 'unknown_model'], [[model('a', { basePath: '/elsewhere' })], 'invalid_config'],
    [[model('a', { basePath: '/models/a/1' })], 'invalid_config'], [[model('a', { labels: new Map([['x', 9]]) })], 'unknown_version'], [[model('a', { labels: new Map([['UP', 1]]) })], 'invalid_config'],
    [[model('a', { labels: new Map([['7', 1]]) })], 'invalid_config'], [[model('a', { versions: { specific: [0] } })], 'invalid_config'], [[model('a', { versions: { latest: 0 } })], 'invalid_config'],
  ];
  for (const [models, code] of wrong) assert.equal((await configs.reload(models, 'ann'))?.code, code);
  assert.deepEqual(log, []);
});

test('of an app it is said that it is one, and of what', async () => {
  const { configs, log } = world();
  assert.deepEqual(await configs.reload([model('app')], 'ann'), { code: 'unknown_model', message: 'app is an app here, which runs nothing of its own: configure its arms, a, b.' });
  assert.deepEqual(log, []);
});

test('a change that is refused ends it', async () => {
  const { configs, log, refuse } = world();
  refuse.label = 'canary';
  assert.equal((await configs.reload([model('a', { labels: new Map([['canary', 2]]) }), model('b')], 'ann'))?.code, 'not_ready');
  assert.deepEqual(log, ['load a', 'label a@canary 2']);
});
