import assert from 'node:assert/strict';
import { test } from 'node:test';
import { POLICY_ROUTES, policyRoutes } from '../../../../../frontend/http/admin/policies.ts';
import { AdminDoor } from '../../../../support/admin-door.ts';

test('policies are listed with the apps that choose by them', async () => {
  const door = await AdminDoor.open();
  // Each time anew.
  for (let call = 0; call < 2; call++) {
    const { body } = await door.call('GET', '/admin/policies');
    assert.deepEqual(body, { policies: [{ name: 'static', summary: 'The first.', options: {}, apps: ['a'] }] });
  }
  assert.deepEqual([POLICY_ROUTES.length, typeof policyRoutes], [1, 'function']);
});
