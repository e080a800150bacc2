import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BROKER_ROUTES, brokerRoutes } from '../../../../../frontend/http/admin/broker.ts';
import { AdminDoor } from '../../../../support/admin-door.ts';

test('the broker says what it is, in the words of admin', async () => {
  const door = await AdminDoor.open();
  const { body } = await door.call('GET', '/admin/broker');
  assert.deepEqual(body, {
    version: '1', node: 'v24', pid: 7, started_at: '2026-01-01T00:00:00.000Z', config_file: '/t.yaml', url: 'http://127.0.0.1:8000', ready: true, draining: false, missing: [], open_queries: 0, resident_bytes: 1,
  });
  assert.deepEqual([BROKER_ROUTES.length, typeof brokerRoutes], [1, 'function']);
});
