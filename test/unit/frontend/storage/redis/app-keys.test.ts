import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppKeys } from '../../../../../frontend/storage/redis/app-keys.ts';

test('all keys of an app lie under one hash tag, and no two are one', () => {
  const keys = new AppKeys('digits');
  const all = [keys.meta, keys.counts, keys.cells, keys.versions, keys.keyVersions, keys.journal, keys.lease, keys.claims(7), keys.index(7), keys.claims(8), keys.ofKey(Uint8Array.of(1)), keys.ofKey(Uint8Array.of(2))];
  assert.ok(all.every((key) => key.startsWith('tradewind:{digits}:')));
  assert.equal(new Set(all).size, all.length);
});
