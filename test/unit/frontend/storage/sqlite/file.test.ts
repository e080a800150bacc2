import assert from 'node:assert/strict';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertNotHalfRestored, HALF_RESTORED, isInUse, openSqliteFile } from '../../../../../frontend/storage/sqlite/file.ts';
import { folderWith } from '../../../../support/config-files.ts';

test('a commit is on the disk once it returns: the log is synced with each', (t) => {
  const database = openSqliteFile(folderWith(t), 'x.sqlite', () => undefined);
  assert.deepEqual(['journal_mode', 'synchronous', 'locking_mode'].map((name) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]), ['wal', 2, 'exclusive']);
  database.close();
});

test('folder and file are for this user alone, and one opens it at a time', (t) => {
  const folder = join(folderWith(t), 'deep');
  const database = openSqliteFile(folder, 'x.sqlite', () => undefined);
  assert.deepEqual([statSync(folder).mode & 0o777, statSync(join(folder, 'x.sqlite')).mode & 0o777], [0o700, 0o600]);
  assert.throws(() => openSqliteFile(folder, 'x.sqlite', () => undefined), (thrown: Error) => isInUse(thrown) && /is in use by another broker/u.test(thrown.message));
  database.close();
});

test('what `prepare` throws is said with the name of the file, and the file is free again', (t) => {
  const folder = folderWith(t);
  assert.throws(() => openSqliteFile(folder, 'x.sqlite', () => { throw new Error('it is of next year'); }), (thrown: Error) => !isInUse(thrown) && /x\.sqlite cannot be used: it is of next year/u.test(thrown.message));
  openSqliteFile(folder, 'x.sqlite', () => undefined).close();
});

test('a folder in which a restore was interrupted is refused, until it is whole', (t) => {
  const folder = folderWith(t);
  assertNotHalfRestored(folder);
  writeFileSync(join(folder, HALF_RESTORED), '');
  assert.throws(() => assertNotHalfRestored(folder), /a restore into .* was interrupted, its state is not whole: do `tradewind restore FILE --replace` again/u);
  rmSync(join(folder, HALF_RESTORED));
  assertNotHalfRestored(folder);
});
