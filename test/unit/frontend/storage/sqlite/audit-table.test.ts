import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { MOST_RECORDS, addRecord, readRecords } from '../../../../../frontend/storage/sqlite/audit-table.ts';
import { migrate } from '../../../../../frontend/storage/sqlite/schema.ts';

test('records are read newest first, and the oldest go when there are too many', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database);
  database.exec('BEGIN');
  for (let i = 1; i <= MOST_RECORDS + 2; i++) addRecord(database, { who: 'x', what: `deed ${i}`, ...(i % 2 === 0 ? { detail: '{}' } : {}) }, i);
  database.exec('COMMIT');
  const [last, before] = readRecords(database, { before: Number.MAX_SAFE_INTEGER, most: 2 });
  assert.deepEqual(last, { number: MOST_RECORDS + 2, atEpochMs: MOST_RECORDS + 2, who: 'x', what: `deed ${MOST_RECORDS + 2}`, detail: '{}' });
  assert.equal(before?.detail, undefined);
  assert.deepEqual(readRecords(database, { before: 5, most: 9 }).map(({ number }) => number), [4, 3]);
  database.close();
});
