import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { EMPTY_DESIRED_STATE } from '../../../../../frontend/domain/model.ts';
import { SqliteState } from '../../../../../frontend/storage/sqlite/state.ts';
import { openSqliteStore } from '../../../../../frontend/storage/sqlite/store.ts';
import { folderWith } from '../../../../support/config-files.ts';
import { desiredOf, makeModel } from '../../../../support/specs.ts';

test('what was saved is there after the next start', async (t) => {
  const folder = folderWith(t);
  const first = await openSqliteStore(folder);
  assert.deepEqual(await first.loadDesired(), EMPTY_DESIRED_STATE);
  const next = desiredOf([makeModel()]);
  assert.equal(await first.saveDesired(0, next), 'saved');
  assert.equal(await first.saveDesired(0, next), 'stale');
  await assert.rejects(first.saveDesired(1, next), RangeError);
  const keys = await first.receiptKeys();
  await first.close();
  const second = await openSqliteStore(folder);
  assert.deepEqual(JSON.parse(JSON.stringify(await second.loadDesired())), JSON.parse(JSON.stringify(next)));
  assert.deepEqual(await second.receiptKeys(), keys);
  await second.close();
  await second.close();
});

test('latency models are there after the next start: added, replaced, the one saved last at the end', async (t) => {
  const folder = folderWith(t);
  const first = await openSqliteStore(folder);
  assert.equal((await first.loadLatencies()).size, 0);
  await first.saveLatencies(new Map([['a@1', { n: 1 }], ['a@2', { n: 2 }]]), 10);
  await first.saveLatencies(new Map([['a@1', { n: 3 }]]), 10);
  await first.close();
  const second = await openSqliteStore(folder);
  assert.deepEqual([...(await second.loadLatencies())], [['a@2', { n: 2 }], ['a@1', { n: 3 }]]);
  await second.close();
});

test('notes are there after the next start', async (t) => {
  const folder = folderWith(t);
  const first = await openSqliteStore(folder);
  await first.saveNotes('load-memory', new Map([['7', Buffer.from('seven')]]), 10);
  await first.close();
  const second = await openSqliteStore(folder);
  assert.deepEqual([...(await second.loadNotes('load-memory'))].map(([name, record]) => [name, Buffer.from(record).toString()]), [['7', 'seven']]);
  await second.close();
});

test('a latency model that is no JSON is there, and undefined', async (t) => {
  const folder = folderWith(t);
  const state = new SqliteState(folder);
  state.saveLatencies([['a@1', '{"n":'], ['b@1', '{}']], 10);
  state.close();
  const store = await openSqliteStore(folder);
  assert.deepEqual([...(await store.loadLatencies())], [['a@1', undefined], ['b@1', {}]]);
  await store.close();
});

test('a second store on the folder is refused, and so is a folder that cannot be made', async (t) => {
  const folder = folderWith(t, { file: '' });
  const store = await openSqliteStore(folder);
  await assert.rejects(openSqliteStore(folder), /is in use by another broker/u);
  await store.close();
  await assert.rejects(openSqliteStore(join(folder, 'file')), { code: 'EEXIST' });
});

test('without leave to write it says so', { skip: process.getuid?.() === 0 ? 'root may write everywhere' : false }, async (t) => {
  const folder = folderWith(t);
  chmodSync(folder, 0o500);
  await assert.rejects(openSqliteStore(join(folder, 'state')), { code: 'EACCES' });
  chmodSync(folder, 0o700);
});

test('who changed what is kept with the change, and what is too long is cut', async (t) => {
  const folder = folderWith(t);
  const first = await openSqliteStore(folder);
  const next = desiredOf([makeModel()]);
  await first.saveDesired(0, next, { who: 'token:ops', what: 'PUT x', detail: { n: 1 } });
  assert.equal(await first.saveDesired(0, next, { who: 'token:ops', what: 'never' }), 'stale');
  await first.record({ who: 'socket', what: 'y'.repeat(600), detail: 'z'.repeat(10_000) });
  await first.saveTokens([{ name: 'ops', digests: ['d'] }], { who: 'socket', what: 'tokens' });
  await first.close();
  const second = await openSqliteStore(folder);
  const records = await second.audit({ most: 10 });
  assert.deepEqual(records.map(({ number, what }) => [number, what.length]), [[3, 6], [2, 512], [1, 5]]);
  assert.deepEqual([records[1]?.detail, records[2]?.detail], [{ left_out_characters: 10_002 }, { n: 1 }]);
  assert.deepEqual((await second.audit({ most: 10, before: 2 })).map(({ number }) => number), [1]);
  assert.deepEqual(await second.loadTokens(), [{ name: 'ops', digests: ['d'] }]);
  await second.copyTo(join(folder, 'copy.sqlite'));
  await assert.rejects(second.copyTo(join(folder, 'copy.sqlite')), /exist/u);
  await second.close();
});
