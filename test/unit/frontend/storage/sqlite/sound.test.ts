import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { databaseFault } from '../../../../../frontend/storage/sqlite/sound.ts';
import { folderWith } from '../../../../support/config-files.ts';

test('a whole database is sound, one with pages overwritten is not, and neither leaves a file beside it', (t) => {
  const folder = folderWith(t);
  const file = join(folder, 'a.sqlite');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER PRIMARY KEY, x TEXT)');
  for (let i = 0; i < 500; i++) database.exec(`INSERT INTO t (x) VALUES ('${'x'.repeat(100)}')`);
  database.close();
  assert.equal(databaseFault(file), undefined);
  const bytes = readFileSync(file);
  bytes.fill(7, 8192, 12_288);
  writeFileSync(file, bytes);
  assert.notEqual(databaseFault(file), undefined);
  writeFileSync(file, 'no database at all, by any means');
  assert.match(databaseFault(file) ?? '', /not a database/u);
  assert.deepEqual(readdirSync(folder), ['a.sqlite']);
});
