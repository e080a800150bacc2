import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { makeFeedbackTables } from '../../../../../frontend/storage/sqlite/feedback-schema.ts';

test('a new file gets the tables, and a second time nothing happens', () => {
  const database = new DatabaseSync(':memory:');
  makeFeedbackTables(database);
  makeFeedbackTables(database);
  assert.deepEqual(database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all().map((row) => row['name']), ['app', 'cell', 'claim', 'decision', 'key_state', 'revision']);
  database.close();
});

test('a file of the first version keeps what it has, and gets what came since', () => {
  const database = new DatabaseSync(':memory:');
  makeFeedbackTables(database);
  database.exec("DROP INDEX key_touched; DROP TABLE key_state; ALTER TABLE app DROP COLUMN keys; ALTER TABLE app DROP COLUMN first_minute; ALTER TABLE app DROP COLUMN generation; INSERT INTO app (name, claims) VALUES ('a', 7); PRAGMA user_version = 1");
  makeFeedbackTables(database);
  assert.deepEqual({ ...database.prepare('SELECT name, claims, keys, first_minute, generation FROM app').get() }, { name: 'a', claims: 7, keys: 0, first_minute: 0, generation: 0 });
  assert.deepEqual(database.prepare('SELECT count(*) AS n FROM key_state').get()?.['n'], 0);
  database.close();
});

test('a file of another program, and one of another version, are refused', () => {
  for (const [pragma, words] of [['application_id = 7', /another program/u], ['user_version = 9', /has schema 9/u]] as const) {
    const database = new DatabaseSync(':memory:');
    database.exec(`PRAGMA ${pragma}`);
    assert.throws(() => makeFeedbackTables(database), words);
    database.close();
  }
});
