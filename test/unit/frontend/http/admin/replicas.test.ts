import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REPLICA_ROUTES, replicaRoutes } from '../../../../../frontend/http/admin/replicas.ts';
import { AdminDoor } from '../../../../support/admin-door.ts';

const AT = '/admin/models/m/versions/1/replicas';

test('replicas are listed with their last output', async () => {
  const door = await AdminDoor.open();
  assert.deepEqual((await door.call('GET', AT)).body, { desired: 1, replicas: [{ id: 'm@1/1.1', state: 'ready', output: [] }] });
  assert.equal(await door.codeOf('GET', '/admin/models/m/versions/9/replicas'), 'unknown_version');
  assert.deepEqual([REPLICA_ROUTES.length, typeof replicaRoutes], [3, 'function']);
});

test('one is restarted; one that is not there is not', async () => {
  const door = await AdminDoor.open();
  assert.deepEqual((await door.call('POST', `${AT}/1/restart`)).body, { replica: 1, restarting: true });
  assert.deepEqual([door.asked, door.store.records.at(-1)?.what], [['replace m@1/1'], `POST ${AT}/1/restart`]);
  assert.equal(await door.codeOf('POST', `${AT}/2/restart`), 'unknown_replica');
  assert.equal(await door.codeOf('POST', `${AT}/x/restart`), 'unknown_replica');
  assert.equal(await door.codeOf('POST', '/admin/models/m/versions/9/replicas/1/restart'), 'unknown_version');
});

test('one is drained: it goes first, and one fewer is wanted; a dry run and a refusal leave it', async () => {
  const door = await AdminDoor.open();
  await door.call('PUT', AT, { replicas: 3 });
  const dry = await door.call('POST', `${AT}/1/drain?dry_run=true`);
  assert.deepEqual([dry.status, door.asked.splice(0), door.owner.current.models['m@1']?.replicas], [200, ['first m@1/1', 'as before m@1/1'], 3]);
  assert.equal(await door.codeOf('POST', `${AT}/1/drain`, undefined, { 'if-match': '"99"' }), 'stale_etag');
  assert.deepEqual(door.asked.splice(0), ['first m@1/1', 'as before m@1/1']);
  assert.equal((await door.call('POST', `${AT}/1/drain`)).status, 200);
  assert.deepEqual([door.asked, door.owner.current.models['m@1']?.replicas], [['first m@1/1'], 2]);
  assert.equal(await door.codeOf('POST', `${AT}/7/drain`), 'unknown_replica');
});
