import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_DESIRED_STATE, modelKey, nameRecord } from '../../../../frontend/domain/model.ts';
import type { DesiredState, ModelSpec } from '../../../../frontend/domain/model.ts';
import type { Aspired } from '../../../../frontend/domain/source.ts';
import { DesiredStateOwner } from '../../../../frontend/lifecycle/desired-state-owner.ts';
import type { ChangeResult } from '../../../../frontend/lifecycle/desired-state-owner.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import { desiredOf, makeApp, makeModel } from '../../../support/specs.ts';

const FILE = desiredOf([makeModel(), makeModel({ version: 2 })], [makeApp()], { m: { stable: 1 } });

async function opened({ ready = () => true, stored = EMPTY_DESIRED_STATE }: { ready?: () => boolean; stored?: DesiredState } = {}) {
  const store = new MemoryStore(stored);
  const applied: DesiredState[] = [];
  const owner = await DesiredStateOwner.open({ store, isReady: ready, apply: (desired) => void applied.push(desired) });
  return { store, applied, owner };
}

function codeOf(result: ChangeResult): string {
  return result.ok ? 'ok' : result.error.code;
}

test('a change is saved, then carried out, and raises the revision', async () => {
  const { owner, store, applied } = await opened();
  const result = await owner.applyFile(FILE);
  assert.ok(result.ok);
  assert.deepEqual([result.changed.revision, result.changed.etag, owner.etag], [1, '"1"', '"1"']);
  assert.deepEqual(result.changed.diff.models.added, ['m@1', 'm@2']);
  assert.equal(store.saved[0], applied[0]);
  assert.equal(owner.current, applied[0]);
});

test('what is so already is neither saved nor carried out, but at start it is', async () => {
  const { owner, store, applied } = await opened();
  await owner.applyFile(FILE);
  const again = await owner.applyFile(FILE);
  assert.ok(again.ok && again.changed.revision === 1);
  assert.deepEqual([store.saved.length, applied.length], [1, 1]);
  await owner.applyFile(FILE, { always: true });
  assert.deepEqual([store.saved.length, applied.length], [1, 2]);
});

test('a dry run says what would be, and changes nothing', async () => {
  const { owner, store, applied } = await opened();
  const result = await owner.applyFile(FILE, { dryRun: true });
  assert.ok(result.ok && result.changed.dryRun && result.changed.diff.apps.added.length === 1);
  assert.deepEqual([store.saved.length, applied.length, owner.current.revision], [0, 0, 0]);
});

test('a whole that is wrong is refused with every fault', async () => {
  const { owner, store } = await opened();
  await owner.applyFile(FILE);
  const result = await owner.putApp(makeApp({ name: 'b', arms: ['x'], policy: 'none' }));
  assert.ok(!result.ok && result.error.code === 'invalid_config' && result.error.details?.length === 2);
  assert.equal(store.saved.length, 1);
});

test('the etag guards against a change that was not seen', async () => {
  const { owner } = await opened();
  await owner.applyFile(FILE);
  assert.equal(codeOf(await owner.setReplicas('m', 1, 2, { ifMatch: '"0"' })), 'stale_etag');
  assert.equal(codeOf(await owner.setReplicas('m', 1, 2, { ifMatch: 'W/"1"' })), 'stale_etag');
  assert.equal(codeOf(await owner.setReplicas('m', 1, 2, { ifMatch: '"0", "1"' })), 'ok');
  assert.equal(codeOf(await owner.setReplicas('m', 1, 3, { ifMatch: '*' })), 'ok');
  assert.equal(owner.current.models['m@1']?.replicas, 3);
});

test('of two changes with one etag, one is made', async () => {
  const { owner } = await opened();
  await owner.applyFile(FILE);
  const codes = (await Promise.all([1, 2].map((version) => owner.setReplicas('m', version, 5, { ifMatch: '"1"' })))).map(codeOf);
  assert.deepEqual(codes, ['ok', 'stale_etag']);
});

test('what others refer to cannot be deleted', async () => {
  const { owner } = await opened();
  await owner.applyFile(FILE);
  assert.equal(codeOf(await owner.deleteModel('m', 1)), 'in_use');
  assert.equal(codeOf(await owner.deleteLabel('m', 'stable')), 'ok');
  assert.equal(codeOf(await owner.deleteModel('m', 1)), 'ok');
  assert.equal(codeOf(await owner.deleteModel('m', 2)), 'in_use');
  assert.equal(codeOf(await owner.deleteApp('a')), 'ok');
  assert.equal(codeOf(await owner.deleteModel('m', 2)), 'ok');
  assert.deepEqual(Object.keys(owner.current.models), []);
});

test('what is not there cannot be changed or deleted', async () => {
  const { owner } = await opened();
  await owner.applyFile(FILE);
  const codes = await Promise.all([owner.deleteModel('x', 1), owner.deleteModel('m', 9), owner.setReplicas('m', 9, 1), owner.putLabel('m', 'l', 9), owner.deleteLabel('m', 'l'), owner.deleteApp('x')]);
  assert.deepEqual(codes.map(codeOf), ['unknown_model', 'unknown_version', 'unknown_version', 'unknown_version', 'unknown_version', 'unknown_app']);
});

test('a label points only at a version that is ready', async () => {
  let isReady = false;
  const { owner } = await opened({ ready: () => isReady });
  await owner.applyFile(FILE);
  assert.equal(codeOf(await owner.putLabel('m', 'stable', 2)), 'not_ready');
  isReady = true;
  assert.equal(codeOf(await owner.putLabel('m', 'stable', 2)), 'ok');
  assert.equal(owner.current.labels['m']?.['stable'], 2);
  assert.equal(codeOf(await owner.putLabel('m', '12', 2)), 'invalid_config');
});

test('what admin put stays over the next load of the file, what the file dropped goes', async () => {
  const { owner } = await opened();
  await owner.applyFile(FILE);
  await owner.putModel(makeModel({ name: 'n' }));
  await owner.putApp(makeApp({ name: 'b', arms: ['n'] }));
  await owner.applyFile(desiredOf([makeModel()], [makeApp()]));
  assert.deepEqual([Object.keys(owner.current.models), Object.keys(owner.current.apps)], [['m@1', 'n@1'], ['a', 'b']]);
});

test('another writer of the store is noticed', async () => {
  const { owner, store } = await opened();
  await owner.applyFile(FILE);
  await store.saveDesired(1, { ...owner.current, revision: 2 });
  assert.equal(codeOf(await owner.deleteApp('a')), 'stale_etag');
});

test('replicas of a dialled model are its addresses', async () => {
  const { owner } = await opened();
  await owner.putModel(makeModel({ container: { kind: 'dial', addresses: ['tcp://127.0.0.1:9'] } }));
  assert.equal(codeOf(await owner.setReplicas('m', 1, 2)), 'invalid_config');
});

test('what apply throws does not stop later changes', async () => {
  const store = new MemoryStore();
  let throws = true;
  const owner = await DesiredStateOwner.open({ store, isReady: () => true, apply: () => { if (throws) throw new Error('no'); } });
  await assert.rejects(owner.applyFile(FILE), /no/u);
  throws = false;
  assert.equal(codeOf(await owner.deleteApp('a')), 'ok');
  await owner.settled();
});

test('a source speaks beside the file and admin: it takes, keeps what admin changed, and what it drops goes', async () => {
  const store = new MemoryStore();
  const owner = await DesiredStateOwner.open({ store, isReady: () => true, apply: () => {} });
  const file = { ...desiredOf([makeModel({ name: 'f' })]), sources: [{ folder: '/s', pollMs: 1000 }] };
  await owner.applyFile(file);
  const holds = (...specs: readonly ModelSpec[]): Aspired => ({ models: nameRecord(specs.map((spec) => [modelKey(spec.name, spec.version), spec] as const)), rules: nameRecord([]) });
  await owner.applySource('/s', holds(makeModel(), makeModel({ name: 'f', sloMs: 7 })));
  assert.deepEqual(Object.keys(owner.current.models), ['f@1', 'm@1']);
  assert.equal(owner.current.models['f@1']?.sloMs, 1000, 'the file goes before a source');
  await owner.setReplicas('m', 1, 3);
  await owner.applySource('/s', holds(makeModel(), makeModel({ version: 2 })));
  assert.equal(owner.current.models['m@1']?.replicas, 3, 'the source says of it what it said before');
  await owner.applyFile(desiredOf([makeModel({ name: 'f' })], []));
  assert.deepEqual(Object.keys(owner.current.models), ['f@1'], 'a source that the file drops goes with what it held');
  const { result } = await owner.applySource('/s', holds(makeModel()));
  assert.ok(result.ok);
  assert.deepEqual(Object.keys(owner.current.models), ['f@1']);
});
