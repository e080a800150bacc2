import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { archiveOf, type Files } from '../../../../../frontend/client/archive.ts';
import { placeArchive, TooLarge, type Placed } from '../../../../../frontend/http/admin/upload-place.ts';
import { folderWith } from '../../../../support/config-files.ts';

function placing(t: TestContext): { root: string; place: (files: Files, bytes?: Uint8Array) => Promise<Placed> } {
  const root = folderWith(t, {});
  const limits = { maxBytes: 1000, maxFiles: 3 };
  return { root, place: (files, bytes = archiveOf(files)) => placeArchive((async function* () { yield bytes; })(), { root, at: ['m', '3'], limits, nowMs: Date.now() }) };
}

test('files lie whole in a folder named for what they are; the same come to the same place', async (t) => {
  const { root, place } = placing(t);
  const first = await place({ 'a/b.txt': 'one', 'c': 'two' });
  assert.deepEqual([first.files, first.bytes], [2, 6]);
  assert.match(first.folder.slice(root.length), /^\/m\/3\/[0-9a-f]{16}$/u);
  assert.equal(readFileSync(join(first.folder, 'a/b.txt'), 'utf8'), 'one');
  assert.equal(statSync(join(first.folder, 'c')).mode & 0o777, 0o600);
  assert.deepEqual(await place({ 'a/b.txt': 'one', 'c': 'two' }), first);
  assert.notEqual((await place({ 'a/b.txt': 'one', 'c': 'three' })).folder, first.folder);
  assert.deepEqual(readdirSync(join(root, '.uploads')), []);
});

test('what is too large, too many, empty, cut off or twice there leaves nothing behind', async (t) => {
  const { root, place } = placing(t);
  await assert.rejects(place({ big: 'x'.repeat(1001) }), TooLarge);
  await assert.rejects(place({ a: '', b: '', c: '', d: '' }), TooLarge);
  await assert.rejects(place({}), /holds no file/);
  await assert.rejects(place({}, archiveOf({ a: 'x'.repeat(600) }).subarray(0, 800)), /ends too early/);
  const once = archiveOf({ a: 'x' }).subarray(0, 1024);
  await assert.rejects(place({}, Buffer.concat([once, once, Buffer.alloc(1024)])), /a is in it twice/);
  assert.deepEqual([existsSync(join(root, 'm')), readdirSync(join(root, '.uploads'))], [false, []]);
});

test('what was abandoned an hour ago goes', async (t) => {
  const { root, place } = placing(t);
  for (const name of ['old', 'new']) mkdirSync(join(root, '.uploads', name), { recursive: true });
  utimesSync(join(root, '.uploads/old'), 1, 1);
  await place({ a: 'x' });
  assert.deepEqual(readdirSync(join(root, '.uploads')), ['new']);
});
