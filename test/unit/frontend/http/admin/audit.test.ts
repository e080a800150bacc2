import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AUDIT_ROUTES, auditRoutes } from '../../../../../frontend/http/admin/audit.ts';
import { AdminDoor } from '../../../../support/admin-door.ts';

test('the newest come first, a page at a time', async () => {
  const door = await AdminDoor.open();
  for (const replicas of [2, 3, 4]) await door.call('PUT', '/admin/models/m/versions/1/replicas', { replicas });
  const first = await door.call('GET', '/admin/audit?limit=2');
  const records = first.body['records'] as { number: number; at: string; who: string }[];
  assert.deepEqual([records.map(({ number }) => number), records[0]?.at, first.body['next']], [[4, 3], '1970-01-01T00:00:00.000Z', 3]);
  const rest = await door.call('GET', '/admin/audit?limit=2&before=3');
  assert.deepEqual([(rest.body['records'] as object[]).length, rest.body['next']], [2, undefined]);
  assert.equal(AUDIT_ROUTES.length, 1);
  assert.equal(typeof auditRoutes, 'function');
});

test('what is no number of a page is refused', async () => {
  const door = await AdminDoor.open();
  for (const query of ['limit=0', 'limit=x', 'limit=1001', 'before=-1', 'limit=1&limit=2']) assert.equal(await door.codeOf('GET', `/admin/audit?${query}`), 'invalid_field', query);
  assert.equal(await door.codeOf('GET', '/admin/audit?who=x'), 'unknown_field');
});
