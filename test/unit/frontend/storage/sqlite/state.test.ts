import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { STATE_FILE, SqliteState } from '../../../../../frontend/storage/sqlite/state.ts';
import { folderWith } from '../../../../support/config-files.ts';

test('saving is compare and set', (t) => {
  const state = new SqliteState(join(folderWith(t), 'state'));
  assert.equal(state.loadDesired(), undefined);
  assert.ok(!state.saveDesired(3, 4, 'x'));
  assert.ok(state.saveDesired(0, 1, 'a'));
  assert.ok(!state.saveDesired(0, 1, 'b'));
  assert.ok(state.saveDesired(1, 2, 'c'));
  assert.equal(state.loadDesired(), 'c');
  state.close();
});

test('folder and files are for this user alone', (t) => {
  const folder = join(folderWith(t), 'deep/state');
  const state = new SqliteState(folder);
  state.saveDesired(0, 1, 'a');
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const name of [STATE_FILE, `${STATE_FILE}-wal`]) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  state.close();
});

test('of latency models those saved last are kept, all of a call or none', (t) => {
  const state = new SqliteState(folderWith(t));
  state.saveLatencies([['a@1', '1'], ['a@2', '2'], ['a@3', '3']], 3);
  state.saveLatencies([['a@1', '4'], ['b@1', '5']], 3);
  assert.deepEqual(state.loadLatencies(), [['a@3', '3'], ['a@1', '4'], ['b@1', '5']]);
  assert.throws(() => state.saveLatencies([['c@1', '6'], ['d@1', null as unknown as string]], 3));
  assert.deepEqual(state.loadLatencies(), [['a@3', '3'], ['a@1', '4'], ['b@1', '5']]);
  state.close();
});

test('a receipt key is made once', (t) => {
  const folder = folderWith(t);
  const first = new SqliteState(folder);
  const keys = first.receiptKeys();
  assert.deepEqual(keys.map(({ number, secret }) => [number, secret.length]), [[1, 32]]);
  first.close();
  const second = new SqliteState(folder);
  assert.deepEqual(second.receiptKeys(), keys);
  second.close();
});

test('a second broker is turned away, in this process and in another', (t) => {
  const folder = folderWith(t);
  const state = new SqliteState(folder);
  assert.throws(() => new SqliteState(folder), /is in use by another broker/u);
  const program = `import { SqliteState } from ${JSON.stringify(import.meta.resolve('../../../../../frontend/storage/sqlite/state.ts'))}; new SqliteState(${JSON.stringify(folder)});`;
  const other = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  assert.match(other.stderr, /is in use by another broker/u);
  state.close();
  new SqliteState(folder).close();
});

test('what is no database, or a newer one, is refused with its name', (t) => {
  const folder = folderWith(t, { [STATE_FILE]: 'no database, but long enough to be looked at as one. '.repeat(20) });
  assert.throws(() => new SqliteState(folder), /tradewind\.sqlite cannot be used: file is not a database/u);
  const newer = folderWith(t);
  const database = new DatabaseSync(join(newer, STATE_FILE));
  database.exec('PRAGMA user_version = 99');
  database.close();
  assert.throws(() => new SqliteState(newer), /newer Tradewind/u);
});
