import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, utimesSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { EMPTY_DESIRED_STATE } from '../../frontend/domain/model.ts';
import { writeDesired } from '../../frontend/storage/sqlite/desired-record.ts';
import { FeedbackDatabase } from '../../frontend/storage/sqlite/feedback-database.ts';
import { SqliteState } from '../../frontend/storage/sqlite/state.ts';
import { folderWith } from '../support/config-files.ts';
import { findPart, requirePart } from '../support/requirements.ts';
import { COMMAND, tradewind } from '../support/tradewind-command.ts';

/** A state at this revision, of a broker that has stopped. */
function stateAt(folder: string, revision: number): void {
  const state = new SqliteState(folder);
  assert.ok(state.saveDesired(0, revision, writeDesired({ ...EMPTY_DESIRED_STATE, revision })));
  state.close();
  new FeedbackDatabase(folder).close();
}

/** The revision that a broker finds there, or why it does not start. */
function foundAt(folder: string): number | string {
  try {
    const state = new SqliteState(folder);
    const text = state.loadDesired();
    state.close();
    return text === undefined ? 'nothing' : (JSON.parse(text) as { revision: number }).revision;
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

test('a restore that is killed at any of its steps leaves the old state, the new one, or one that no broker takes; done again it is whole', { skip: requirePart('strace') }, async (t) => {
  const cwd = folderWith(t);
  stateAt(join(cwd, 'kept'), 22);
  assert.equal((await tradewind(['backup', 'b.tar', '--state-dir', 'kept'], { cwd }).ended).code, 0);
  const found: (number | string)[] = [];
  for (let step = 1; ; step++) {
    const folder = join(cwd, `state-${step}`);
    stateAt(folder, 11);
    const { status } = spawnSync(findPart('strace') ?? '', ['-f', '-o', '/dev/null', '-e', `inject=rename,renameat,renameat2:signal=KILL:when=${step}`, process.execPath, COMMAND, 'restore', 'b.tar', '--state-dir', folder, '--replace'], { cwd });
    if (status === 0) break;
    found.push(foundAt(folder));
    const again = await tradewind(['restore', 'b.tar', '--state-dir', folder, '--replace'], { cwd }).ended;
    assert.equal(again.code, 0, again.err);
    assert.equal(foundAt(folder), 22);
    const left = readdirSync(folder).filter((name) => !name.startsWith('replaced-')).toSorted();
    assert.deepEqual(left, ['feedback.sqlite', 'tradewind.sqlite'], `after a kill at step ${step}`);
  }
  t.diagnostic(`found: ${found.join(' | ')}`);
  assert.equal(found.length, 4, 'two files go, two come');
  for (const one of found) assert.match(String(one), /^(?:11|22)$|a restore into .* was interrupted, its state is not whole/u);
  // Neither is half a state backed up.
  writeFileSync(join(cwd, 'state-1', 'half-restored'), '');
  assert.match((await tradewind(['backup', 'half.tar', '--state-dir', 'state-1'], { cwd }).ended).err, /was interrupted, its state is not whole/u);
  assert.equal(existsSync(join(cwd, 'half.tar')), false);
});

test('a backup takes away what one left that was killed long ago, and nothing else', async (t) => {
  const cwd = folderWith(t, { 'kept/.tradewind-backup-old/tradewind.sqlite': 'keys', 'kept/.tradewind-backup-new/tradewind.sqlite': 'keys', 'kept/other/x': '' });
  mkdirSync(join(cwd, 'state'));
  stateAt(join(cwd, 'state'), 1);
  for (const name of ['.tradewind-backup-old', 'other']) utimesSync(join(cwd, 'kept', name), 1, 1);
  assert.equal((await tradewind(['backup', 'kept/b.tar', '--state-dir', 'state'], { cwd }).ended).code, 0);
  assert.deepEqual(readdirSync(join(cwd, 'kept')).toSorted(), ['.tradewind-backup-new', 'b.tar', 'other']);
});
