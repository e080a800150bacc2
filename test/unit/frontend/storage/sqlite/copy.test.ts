import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { copyDatabase } from '../../../../../frontend/storage/sqlite/copy.ts';
import { openSqliteFile } from '../../../../../frontend/storage/sqlite/file.ts';
import { folderWith } from '../../../../support/config-files.ts';

test('a database that is being written is copied as it stood at one moment, for this user alone', async (t) => {
  const folder = folderWith(t);
  const database = openSqliteFile(folder, 'x.sqlite', (fresh) => fresh.exec('CREATE TABLE a (n INTEGER); CREATE TABLE b (n INTEGER)'));
  const add = (): void => database.exec("BEGIN; INSERT INTO a SELECT value FROM json_each('[1,2,3]'); INSERT INTO b SELECT value FROM json_each('[1,2,3]'); COMMIT");
  for (let i = 0; i < 200; i++) add();
  const file = join(folder, 'copy');
  const copied = copyDatabase(database, file);
  for (let i = 0; i < 50; i++) {
    add();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await copied;
  database.close();
  const copy = new DatabaseSync(file, { readOnly: true });
  const { a, b } = copy.prepare('SELECT (SELECT count(*) FROM a) AS a, (SELECT count(*) FROM b) AS b').get() as { a: number; b: number };
  copy.close();
  assert.ok(a >= 600 && a === b, `${a} rows and ${b} rows`);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a file that is there is not written over', async (t) => {
  const database = new DatabaseSync(':memory:');
  const folder = folderWith(t, { copy: 'mine' });
  await assert.rejects(copyDatabase(database, join(folder, 'copy')), { code: 'EEXIST' });
  database.close();
});
