import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqliteFeedback } from '../../../../../frontend/storage/sqlite/feedback.ts';
import { folderWith } from '../../../../support/config-files.ts';
import { firstClaim, storedApp } from '../../../../support/feedback-stores.ts';

test('a folder that is in use, and a file that is no database, are refused with a sentence', async (t) => {
  const folder = folderWith(t);
  const store = await openSqliteFeedback(folder);
  await assert.rejects(openSqliteFeedback(folder), /is in use by another broker/u);
  await store.close();
  const broken = folderWith(t, { 'feedback.sqlite': 'no database, but long enough to be looked at as one. '.repeat(20) });
  await assert.rejects(openSqliteFeedback(broken), /feedback\.sqlite cannot be used: file is not a database/u);
});

test('one call that fails takes no other with it', async (t) => {
  const store = await openSqliteFeedback(folderWith(t));
  t.after(() => store.close());
  await store.serve([storedApp()]);
  const settled = await Promise.allSettled([store.commit('a', [firstClaim(1, [{ cell: 'n', add: 1n }])]), store.commit('nobody', [firstClaim(2, [])]), store.commit('a', [firstClaim(3, [{ cell: 'n', add: 1n }])])]);
  assert.deepEqual(settled.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled']);
  assert.equal(store.cells.snapshot('a').cells.get('n'), 2n);
});

test('what the ring has no room for is refused, and decisions leave room for the rest', async (t) => {
  const store = await openSqliteFeedback(folderWith(t));
  t.after(() => store.close());
  await store.serve([storedApp()]);
  const before = store.room;
  const large = { ...firstClaim(1, []).key, record: new Uint8Array(7 * 1024 * 1024) };
  const first = store.append('a', [large]);
  assert.ok(store.room < before);
  const second = store.append('a', [large]);
  assert.equal(store.room, 0);
  await assert.rejects(store.append('a', [large]), { name: 'StoreFault', trouble: 'slow' });
  const commit = store.commit('a', [firstClaim(2, [])]);
  await Promise.all([first, second, commit]);
  assert.equal(store.room, before);
});

test('a group of rewards that is more than the ring holds is stored all the same; one call that is, is refused in words', async (t) => {
  const store = await openSqliteFeedback(folderWith(t));
  t.after(() => store.close());
  await store.serve([storedApp()]);
  // A regression on 63 features changes so many cells with each reward.
  const increments = Array.from({ length: 2144 }, (_, i) => ({ cell: `an-arm/${i}`, add: 2n ** 40n }));
  const outcomes = await store.commit('a', Array.from({ length: 1000 }, (_, n) => firstClaim(n, increments)));
  assert.ok(outcomes.length === 1000 && outcomes.every(({ kind }) => kind === 'applied'));
  assert.equal(store.cells.snapshot('a').cells.get('an-arm/7'), 1000n * 2n ** 40n);
  const longest = { ...firstClaim(1, []).key, record: new Uint8Array(17 * 1024 * 1024) };
  await assert.rejects(store.append('a', [longest]), { name: 'StoreFault', trouble: 'full', message: /178\d{5} bytes at once are more than the feedback thread takes/u });
});

test('whom the store serves stays as it was where it could not be told', async (t) => {
  const store = await openSqliteFeedback(folderWith(t));
  t.after(() => store.close());
  await store.serve([storedApp()]);
  await store.commit('a', [firstClaim(1, [{ cell: 'n', add: 1n }])]);
  const large = { ...firstClaim(1, []).key, record: new Uint8Array(7 * 1024 * 1024) };
  const full = [store.append('a', [large]), store.append('a', [large])];
  const others = Array.from({ length: 30_000 }, (_, i) => storedApp({ name: `other${i}` }));
  await assert.rejects(store.serve(others), { name: 'StoreFault', trouble: 'slow' });
  await Promise.all(full);
  await store.serve([storedApp()]);
  assert.equal(store.cells.snapshot('a').cells.get('n'), 1n);
  await store.serve([]);
  assert.equal(store.cells.snapshot('a').cells.size, 0);
});

test('a file that is taken away is said, and the thread goes on', async (t) => {
  const folder = folderWith(t);
  const store = await openSqliteFeedback(folder);
  await store.serve([storedApp()]);
  rmSync(join(folder, 'feedback.sqlite'));
  for (let i = 0; i < 2; i++) await assert.rejects(store.commit('a', [firstClaim(1, [])]), { name: 'StoreFault', trouble: 'gone' });
  await store.close();
  await store.close();
});
