import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { readNotes, writeNotes } from '../../../../../frontend/storage/sqlite/note-table.ts';
import { migrate } from '../../../../../frontend/storage/sqlite/schema.ts';

test('of each kind the notes saved last are kept, the last at the end', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database);
  const notes = (...names: string[]) => names.map((name) => [name, Buffer.from(name)] as const);
  writeNotes(database, 'history', notes('a', 'b', 'c'), 3);
  writeNotes(database, 'load-memory', notes('a'), 3);
  writeNotes(database, 'history', notes('a', 'd'), 3);
  assert.deepEqual(readNotes(database, 'history').map(([name, record]) => `${name} ${String(Buffer.from(record))}`), ['c c', 'a a', 'd d']);
  assert.equal(readNotes(database, 'load-memory').length, 1);
  database.close();
});
