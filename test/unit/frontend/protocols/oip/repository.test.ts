import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Unready } from '../../../../../frontend/domain/served.ts';
import { changeRepository, repositoryIndex } from '../../../../../frontend/protocols/oip/repository.ts';
import { servedModel, tfsWorld } from '../../../../support/tfs-world.ts';

test('the index has every version with its state', () => {
  const { served } = tfsWorld([servedModel('m', [], undefined, { versions: [{ version: 1, ready: false }, { version: 2, ready: true }] })]);
  const index = (why: Unready): string[] => repositoryIndex(served, () => why, false).map(({ version, state, reason }) => `${version} ${state} ${reason}`);
  assert.deepEqual(index({ kind: 'coming' }), ['1 UNAVAILABLE no replica is ready', '2 READY ']);
  assert.deepEqual(index({ kind: 'unloaded' }), ['1 UNAVAILABLE unloaded', '2 READY ']);
  assert.deepEqual(index({ kind: 'failing', reason: 'hung' }), ['1 UNAVAILABLE its replicas die again and again: hung', '2 READY ']);
  assert.deepEqual(repositoryIndex(served, () => ({ kind: 'coming' }), true).map(({ version }) => version), ['2']);
});

test('a change is carried out in somebody\'s name, or refused in Triton\'s words', async () => {
  const done: string[] = [];
  const control = {
    load: async (model: string, who: string) => (model === 'm' ? void done.push(`load ${model} ${who}`) : { code: 'unknown_model' as const, message: 'no version of it is known' }),
    unload: async (model: string, who: string) => void done.push(`unload ${model} ${who}`),
  };
  assert.equal(await changeRepository(control, { what: 'load', model: 'm', parameters: [], who: 'ops' }), undefined);
  assert.equal(await changeRepository(control, { what: 'unload', model: 'm', parameters: ['unload_dependents'], who: 'ops' }), undefined);
  assert.deepEqual(done, ['load m ops', 'unload m ops']);
  assert.equal((await changeRepository(control, { what: 'load', model: 'n', parameters: [], who: 'ops' }))?.message, "failed to load 'n', no version of it is known");
  assert.match((await changeRepository(control, { what: 'load', model: 'm', parameters: ['config'], who: 'ops' }))?.message ?? '', /parameter 'config' is not supported/);
  const denied = { code: 'unauthenticated' as const, message: 'who are you' };
  assert.equal(await changeRepository(control, { what: 'load', model: 'm', parameters: [], who: denied }), denied);
  assert.equal(done.length, 2);
});
