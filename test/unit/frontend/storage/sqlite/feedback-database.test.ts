import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { FEEDBACK_FILE, FeedbackDatabase } from '../../../../../frontend/storage/sqlite/feedback-database.ts';
import { folderWith } from '../../../../support/config-files.ts';
import { decisionKey, firstClaim, storedApp, WINDOW_MS } from '../../../../support/feedback-stores.ts';

/** A database of one app with room for one claim, in the middle of the transaction that rewards it. */
function rewarded(t: TestContext): { folder: string; database: FeedbackDatabase } {
  const folder = folderWith(t);
  const database = new FeedbackDatabase(folder);
  database.begin();
  database.serve([storedApp({ maxClaims: 1 })]);
  database.commit();
  database.begin();
  assert.equal(database.claim('a', firstClaim(1, [{ cell: 'n', add: 1n }])).kind, 'applied');
  return { folder, database };
}

test('a rollback leaves nothing: no claim, no cell, no count, no app', (t) => {
  const { folder, database } = rewarded(t);
  database.serve([storedApp({ maxClaims: 1 }), storedApp({ name: 'b' })]);
  database.rollback();
  database.begin();
  assert.throws(() => database.claim('b', firstClaim(1, [])), RangeError);
  assert.equal(database.claim('a', firstClaim(1, [{ cell: 'n', add: 1n }])).kind, 'applied', 'the one claim that there is room for');
  database.commit();
  database.close();
  const next = new FeedbackDatabase(folder);
  next.begin();
  assert.deepEqual(next.serve([storedApp()]), [['a', [['n', 1n]]]]);
  next.rollback();
  next.close();
});

test('an app that is let go in the transaction that rewarded it has its counts and cells when it comes back', (t) => {
  const { database } = rewarded(t);
  database.serve([]);
  assert.deepEqual(database.serve([storedApp({ maxClaims: 1 })]), [['a', [['n', 1n]]]]);
  assert.deepEqual(database.claim('a', firstClaim(2, [])), { kind: 'full', what: 'claims' });
  database.commit();
  database.close();
});

test('claims go with the window, a page at a time, and their room is there again', (t) => {
  const database = new FeedbackDatabase(folderWith(t));
  const now = Date.now();
  database.begin();
  database.serve([storedApp({ maxClaims: 5_000 })]);
  for (let n = 0; n < 5_000; n++) assert.equal(database.claim('a', firstClaim(n, [], { key: decisionKey(n, now) })).kind, 'applied');
  assert.equal(database.claim('a', firstClaim(6_000, [])).kind, 'full');
  assert.equal(database.trim('a', now + WINDOW_MS).more, false);
  const later = now + 3 * WINDOW_MS;
  assert.equal(database.trim('a', later).more, true);
  assert.equal(database.trim('a', later).more, false);
  for (let n = 0; n < 5_000; n++) assert.equal(database.claim('a', firstClaim(n, [], { key: decisionKey(n, later) })).kind, 'applied');
  database.commit();
  database.close();
});

test('a file that was taken away is not written to any more', (t) => {
  const folder = folderWith(t);
  const database = new FeedbackDatabase(folder);
  database.begin();
  database.commit();
  rmSync(join(folder, FEEDBACK_FILE));
  assert.throws(() => database.begin(), { name: 'StoreFault', trouble: 'gone' });
  database.close();
});
