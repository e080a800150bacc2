import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HistoryFiles } from '../../../../frontend/storage/history-files.ts';
import { folderWith } from '../../../support/config-files.ts';

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

test('what was saved is there after a restart, by its name, and only the owner may read it', async (t) => {
  const folder = join(folderWith(t), 'history');
  const files = new HistoryFiles({ folder, mostFiles: 10, mostBytes: 100 });
  assert.equal((await files.load()).size, 0, 'there is no folder yet');
  await files.save('app:a', Buffer.from('one'));
  await files.save('app:a', Buffer.from('two'));
  await files.save('model:m@2', Buffer.from('three'));
  await files.save('app:../../b', Buffer.from('four'));
  await files.remove('app:nobody');
  const found = await new HistoryFiles({ folder, mostFiles: 10, mostBytes: 100 }).load();
  assert.deepEqual([...found].map(([name, bytes]) => [name, text(bytes)].join(' ')).toSorted(), ['app:../../b four', 'app:a two', 'model:m@2 three']);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const file of readdirSync(folder)) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
  await files.remove('app:a');
  assert.deepEqual([...(await files.load()).keys()].toSorted(), ['app:../../b', 'model:m@2']);
});

test('what is too long, too much, or none of its own is not read', async (t) => {
  const folder = join(folderWith(t), 'history');
  const files = new HistoryFiles({ folder, mostFiles: 3, mostBytes: 4 });
  mkdirSync(folder);
  for (const file of ['notes.txt', '%ff.history', 'app%3Aa.history.new']) writeFileSync(join(folder, file), 'x');
  mkdirSync(join(folder, 'folder.history'));
  await files.save('long', Buffer.from('12345'));
  assert.equal((await files.load()).size, 0);
  for (const name of ['a', 'b', 'c', 'd']) await files.save(name, Buffer.from('1234'));
  assert.equal((await files.load()).size, 3);
});

test('what a kill left half written goes at the next start', async (t) => {
  const folder = join(folderWith(t), 'history');
  const files = new HistoryFiles({ folder, mostFiles: 3, mostBytes: 10 });
  await files.save('a', Buffer.from('one'));
  writeFileSync(join(folder, 'a.history.new'), 'tw');
  writeFileSync(join(folder, 'gone.history.new'), 'x');
  assert.equal(text((await new HistoryFiles({ folder, mostFiles: 3, mostBytes: 10 }).load()).get('a')), 'one');
  assert.deepEqual(readdirSync(folder), ['a.history']);
});

test('a save that fails leaves what was there', async (t) => {
  const folder = join(folderWith(t), 'history');
  const files = new HistoryFiles({ folder, mostFiles: 3, mostBytes: 10 });
  await files.save('a', Buffer.from('one'));
  mkdirSync(join(folder, 'b.history'));
  await assert.rejects(files.save('b', Buffer.from('two')));
  assert.deepEqual([...(await files.load()).keys()], ['a']);
  assert.equal(readdirSync(folder).some((file) => file.endsWith('.new')), false);
});
