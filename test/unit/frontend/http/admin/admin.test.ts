import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADMIN_ROUTES } from '../../../../../frontend/http/admin/table.ts';
import { adminRoutes } from '../../../../../frontend/http/admin/admin.ts';
import { fastifyPath } from '../../../../../frontend/http/route-table.ts';
import { AdminDoor } from '../../../../support/admin-door.ts';

async function opened(more: { isReady?: () => boolean } = {}) {
  const door = await AdminDoor.open(more);
  return { owner: door.owner, routes: door.routes, fastify: door.fastify, call: door.call.bind(door), door };
}

test('the documentation lists the routes as they are', async () => {
  const { routes } = await opened();
  assert.deepEqual(routes.sort(), ADMIN_ROUTES.map(({ method, path }) => `${method} ${fastifyPath(path)}`).sort());
  assert.equal(typeof adminRoutes, 'function');
});

test('everything can be listed and read, in the words of the file', async () => {
  const { call } = await opened();
  const state = await call('GET', '/admin/state');
  assert.deepEqual([state.status, state.etag, state.body['revision'], state.body['labels']], [200, '"1"', 1, { 'm@stable': 1 }]);
  const model = await call('GET', '/admin/models/m');
  assert.deepEqual(model.body['labels'], { stable: 1 });
  const version = await call('GET', '/admin/models/m/versions/1');
  assert.deepEqual([version.body['labels'], (version.body['status'] as { ready: number }).ready], [['stable'], 1]);
  assert.deepEqual((await call('GET', '/admin/models/m/labels/stable')).body, { model: 'm', label: 'stable', version: 1 });
  assert.equal((await call('GET', '/admin/apps/a')).body['slo_ms'], 100);
  assert.equal(((await call('GET', '/admin/apps')).body['apps'] as unknown[]).length, 1);
  assert.equal(((await call('GET', '/admin/models')).body['models'] as unknown[]).length, 1);
});

test('what was read can be put again and changes nothing', async () => {
  const { call } = await opened();
  const { spec } = (await call('GET', '/admin/models/m/versions/1')).body;
  assert.deepEqual((await call('PUT', '/admin/models/m/versions/1', spec)).body['revision'], 1);
  const app = await call('GET', '/admin/apps/a');
  assert.deepEqual((await call('PUT', '/admin/apps/a', app.body)).body['revision'], 1);
});

test('a model version, its replicas, a label and an app: put, changed, deleted', async () => {
  const { call, owner } = await opened();
  assert.equal((await call('PUT', '/admin/models/n/versions/1', { container: 'synthetic' })).status, 200);
  assert.equal((await call('PUT', '/admin/models/n/versions/1/replicas', { replicas: 3 })).etag, '"3"');
  assert.equal(owner.current.models['n@1']?.replicas, 3);
  assert.equal((await call('PUT', '/admin/models/n/labels/canary', { version: 1 })).status, 200);
  assert.equal((await call('PUT', '/admin/apps/b', { arms: ['n@canary'] })).status, 200);
  assert.equal((await call('DELETE', '/admin/models/n/labels/canary')).status, 409);
  assert.equal((await call('DELETE', '/admin/apps/b')).status, 200);
  assert.equal((await call('DELETE', '/admin/models/n/labels/canary')).status, 200);
  assert.equal((await call('DELETE', '/admin/models/n/versions/1')).status, 200);
  assert.equal((await call('GET', '/admin/models/n')).status, 404);
});

test('a dry run and a stale etag change nothing', async () => {
  const { call, owner } = await opened();
  const dry = await call('DELETE', '/admin/apps/a?dry_run=true');
  assert.deepEqual([dry.status, dry.body['dry_run'], dry.body['revision']], [200, true, 2]);
  assert.equal((await call('DELETE', '/admin/apps/a', undefined, { 'if-match': '"7"' })).status, 412);
  assert.equal(owner.current.revision, 1);
});

test('each mistake has its own answer', async () => {
  const { call, fastify } = await opened({ isReady: () => false });
  const codeOf = async (...of: Parameters<typeof call>): Promise<unknown> => (await call(...of)).body['code'];
  assert.equal(await codeOf('PUT', '/admin/models/m/labels/stable', { version: 2 }), 'not_ready');
  assert.equal(await codeOf('PUT', '/admin/models/m/versions/0', { container: 'synthetic' }), 'invalid_field');
  assert.equal(await codeOf('PUT', '/admin/models/M/versions/1', { container: 'synthetic' }), 'invalid_field');
  assert.equal(await codeOf('PUT', '/admin/apps/__proto__', { arms: ['m'] }), 'invalid_field');
  assert.equal(await codeOf('GET', '/admin/apps/constructor'), 'unknown_app');
  assert.equal(await codeOf('GET', '/admin/models/m/versions/7'), 'unknown_version');
  assert.equal(await codeOf('GET', '/admin/models/m/labels/x'), 'unknown_version');
  assert.equal(await codeOf('PUT', '/admin/apps/a?dry=1', { arms: ['m'] }), 'unknown_field');
  assert.equal(await codeOf('PUT', '/admin/apps/a?dry_run=yes', { arms: ['m'] }), 'invalid_field');
  assert.equal(await codeOf('PUT', '/admin/apps/a', { arms: ['zzz'] }), 'invalid_config');
  assert.equal(await codeOf('PUT', '/admin/models/n/versions/1', { container: { command: ['sh'] } }), 'code_not_allowed');
  assert.equal(await codeOf('PUT', '/admin/apps/a', { arms: ['m'] }, { origin: 'http://evil.example' }), 'cross_origin');
  const broken = await fastify.inject({ method: 'PUT', url: '/admin/apps/a', headers: { 'content-type': 'application/json' }, payload: '{' });
  assert.equal(broken.json<{ code: string }>().code, 'not_json');
});

test('every change is in the audit log, with who made it and what it came to; a dry run and a refusal are not', async () => {
  const { door, call } = await opened();
  await call('PUT', '/admin/apps/b', { arms: ['m'] });
  await call('DELETE', '/admin/apps/b?dry_run=true');
  await call('DELETE', '/admin/apps/none');
  await call('PUT', '/admin/apps/b', { arms: ['m'] });
  const [first, ...others] = door.store.records.slice(1);
  assert.deepEqual([first?.who, first?.what, others], ['loopback', 'PUT /admin/apps/b', []]);
  assert.deepEqual((first?.detail as { apps: { added: string[] } } | undefined)?.apps.added, ['b']);
});
