import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { AdminTokens, FILE_TOKEN } from '../../../../frontend/lifecycle/admin-tokens.ts';
import { MemoryStore } from '../../../support/memory-store.ts';

const by = { who: 'socket', what: 'test' };
const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

test('tokens outlive the start, the one of the file is read again, and the same again is no change', async () => {
  const store = new MemoryStore();
  const tokens = await AdminTokens.open(store, 'first');
  assert.equal((await tokens.put('ops', [digestOf('a')], { by })).ok, true);
  const again = await tokens.put('ops', [digestOf('a')], { by });
  assert.deepEqual([again.ok && again.changed.diff.tokens, store.records.length], [{ added: [], changed: [], removed: [] }, 1]);
  assert.deepEqual([tokens.nameOf('first'), tokens.nameOf('a'), tokens.nameOf('b')], [FILE_TOKEN, 'ops', undefined]);
  assert.equal(tokens.readFile('first'), false);
  assert.equal(tokens.readFile('second', true), true);
  assert.equal(tokens.nameOf('first'), 'file');
  assert.equal(tokens.readFile('second'), true);
  assert.deepEqual([tokens.nameOf('first'), tokens.nameOf('second')], [undefined, FILE_TOKEN]);
  const next = await AdminTokens.open(store, undefined);
  assert.deepEqual([next.size, next.nameOf('a'), next.etag], [1, 'ops', tokens.etag]);
});

test('there is a most', async () => {
  const tokens = await AdminTokens.open(new MemoryStore(), undefined);
  for (let i = 0; i < 64; i++) await tokens.put(`t${i}`, [digestOf(String(i))], { by });
  const refused = await tokens.put('more', [digestOf('x')], { by });
  assert.equal(!refused.ok && refused.error.code, 'invalid_config');
  assert.equal((await tokens.put('t3', [digestOf('x')], { by })).ok, true);
});

test('two who change at once, each by the etag that they read: the second is refused', async () => {
  const tokens = await AdminTokens.open(new MemoryStore(), undefined);
  const ifMatch = tokens.etag;
  const [first, second] = await Promise.all([tokens.put('a', [digestOf('a')], { by, ifMatch }), tokens.put('b', [digestOf('b')], { by, ifMatch })]);
  assert.deepEqual([first.ok, !second.ok && second.error.code], [true, 'stale_etag']);
});
