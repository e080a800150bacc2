import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOG_ROUTES, logRoutes } from '../../../../../frontend/http/admin/log-level.ts';
import { AdminDoor } from '../../../../support/admin-door.ts';

test('the level is read and set, and who set it is kept', async () => {
  const door = await AdminDoor.open();
  assert.deepEqual((await door.call('GET', '/admin/log')).body, { level: 'info' });
  assert.deepEqual((await door.call('PUT', '/admin/log', { level: 'debug' })).body, { level: 'debug' });
  assert.equal(door.log.level, 'debug');
  assert.deepEqual(door.store.records.at(-1)?.detail, { before: 'info', after: 'debug' });
  assert.equal(await door.codeOf('PUT', '/admin/log', { level: 'loud' }), 'invalid_config');
  assert.equal(door.log.level, 'debug');
  assert.deepEqual([LOG_ROUTES.length, typeof logRoutes], [2, 'function']);
});
