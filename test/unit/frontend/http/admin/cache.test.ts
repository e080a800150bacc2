import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdminDoor } from '../../../../support/admin-door.ts';

test('it shows what the cache holds, one line a model version', async () => {
  const door = await AdminDoor.open();
  assert.deepEqual((await door.call('GET', '/admin/cache')).body, {
    entries: 6, pending: 2, bytes: 60, max_bytes: 1000, evictions: 7,
    models: [{ model: 'm@1', entries: 2, bytes: 20 }, { model: 'n@2', entries: 4, bytes: 40 }],
  });
});

test('it is cleared as a whole or for one model version, and says how much that was', async () => {
  const door = await AdminDoor.open();
  assert.deepEqual((await door.call('DELETE', '/admin/cache?model=n@2')).body, { dropped: 4 });
  assert.deepEqual((await door.call('DELETE', '/admin/cache')).body, { dropped: 2 });
  assert.deepEqual((await door.call('GET', '/admin/cache')).body['models'], []);
  assert.deepEqual(door.store.records.slice(-2).map(({ who, what, detail }) => [who, what, detail]), [
    ['loopback', 'DELETE /admin/cache', { dropped: 4, model: 'n@2' }], ['loopback', 'DELETE /admin/cache', { dropped: 2 }],
  ]);
});

test('what it does not know is refused', async () => {
  const door = await AdminDoor.open();
  assert.equal(await door.codeOf('GET', '/admin/cache?model=m@1'), 'unknown_field');
  assert.equal(await door.codeOf('DELETE', '/admin/cache?version=1'), 'unknown_field');
  assert.equal(await door.codeOf('DELETE', '/admin/cache?model=m@1&model=n@2'), 'invalid_field');
});
