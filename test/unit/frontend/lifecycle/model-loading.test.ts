import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerError } from '../../../../frontend/domain/errors.ts';
import { modelKey, nameRecord, type DesiredState, type ModelKey } from '../../../../frontend/domain/model.ts';
import { ModelLoading, type ReplicaSetter } from '../../../../frontend/lifecycle/model-loading.ts';
import { desiredOf, makeApp, makeModel } from '../../../support/specs.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

function world(...replicas: readonly number[]): { loading: ModelLoading; clock: VirtualClock; ready: Set<ModelKey>; failing: Map<ModelKey, string>; wanted: () => number[]; asked: string[] } {
  const clock = new VirtualClock();
  const ready = new Set<ModelKey>();
  const failing = new Map<ModelKey, string>();
  const asked: string[] = [];
  let current: DesiredState = desiredOf(replicas.map((count, at) => makeModel({ version: at + 1, replicas: count })), [makeApp({ arms: ['m', 'app:b'] })]);
  const owner: ReplicaSetter = {
    get current() {
      return current;
    },
    setReplicas: async (model, version, count, { by }) => {
      if (version === 9) return { ok: false, error: new BrokerError('invalid_config', 'no') };
      const key = modelKey(model, version);
      const spec = current.models[key];
      if (spec !== undefined) current = { ...current, models: nameRecord([...Object.entries(current.models) as [ModelKey, typeof spec][], [key, { ...spec, replicas: count }]]) };
      asked.push(`${by?.who ?? ''}: ${by?.what ?? ''}`);
      return { ok: true, changed: { revision: 2, etag: '"2"', dryRun: false, diff: {} as never } };
    },
  };
  return { loading: new ModelLoading({ owner, clock, isReady: (key) => ready.has(key), failure: (key) => failing.get(key) }), clock, ready, failing, asked, wanted: () => Object.values(current.models).map((spec) => spec.replicas) };
}

test('what was unloaded is loaded as it was, and a load ends when every version is ready', async () => {
  const { loading, ready, wanted, asked, clock } = world(2, 0, 1);
  assert.equal(await loading.unload('m', 'ops'), undefined);
  assert.deepEqual(wanted(), [0, 0, 0]);
  const loaded = loading.load('m', 'ops');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(wanted(), [2, 0, 1]);
  ready.add('m@1');
  loading.replicasChanged();
  ready.add('m@3');
  loading.replicasChanged();
  assert.equal(await loaded, undefined);
  assert.deepEqual(asked, ['ops: unload m@3', 'ops: unload m@1', 'ops: load m@3', 'ops: load m@1']);
  assert.equal(clock.pending, 0);
});

test('without a memory of it only the newest version is loaded; one that never gets ready ends the load with a reason', async () => {
  const { loading, clock, wanted } = world(0, 0);
  const loaded = loading.load('m', 'ops');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(wanted(), [0, 1]);
  clock.advance(120_000_000);
  assert.deepEqual(await loaded, { code: 'no_replica', message: 'no replica of m@2 became ready in 120 seconds' });
  assert.equal(clock.pending, 0);
});

test('a load ends as soon as a version is given up on, and at once where it is already, with the last words', async () => {
  const { loading, clock, failing } = world(1, 0);
  const failure = { code: 'no_replica', message: 'the replicas of m@1 die again and again, and are tried again from time to time: exited with code 3\n  no weights' };
  const loaded = loading.load('m', 'ops');
  await new Promise((resolve) => setImmediate(resolve));
  loading.replicasChanged();
  failing.set('m@1', 'exited with code 3\n  no weights');
  loading.replicasChanged();
  assert.deepEqual(await loaded, failure);
  assert.deepEqual(await loading.load('m', 'ops'), failure);
  assert.equal(clock.pending, 0);
});

test('an unknown model is said', async () => {
  const { loading } = world(1);
  assert.equal((await loading.load('n', 'ops'))?.code, 'unknown_model');
  assert.equal((await loading.unload('n', 'ops'))?.code, 'unknown_model');
});

test('of an app it is said that it is one, and of what', async () => {
  const { loading } = world(1);
  const app = { code: 'unknown_model', message: 'it is an app, which runs nothing of its own: its arms are m, app:b' };
  assert.deepEqual([await loading.load('a', 'ops'), await loading.unload('a', 'ops')], [app, app]);
});
