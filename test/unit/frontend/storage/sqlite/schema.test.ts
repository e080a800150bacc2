import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { SCHEMA_VERSION, migrate } from '../../../../../frontend/storage/sqlite/schema.ts';

test('a new file gets the schema, and a second time nothing is written', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database);
  database.exec('PRAGMA query_only = ON');
  migrate(database);
  assert.equal(database.prepare('PRAGMA user_version').get()?.['user_version'], SCHEMA_VERSION);
  database.close();
});

test('a file of a newer version, and one of another program, are refused', () => {
  const newer = new DatabaseSync(':memory:');
  newer.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  assert.throws(() => migrate(newer), /written by a newer Tradewind/u);
  newer.close();
  const other = new DatabaseSync(':memory:');
  other.exec('PRAGMA application_id = 7');
  assert.throws(() => migrate(other), /another program/u);
  other.close();
});
