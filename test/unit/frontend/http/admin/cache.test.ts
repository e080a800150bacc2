import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { cacheRoutes } from '../../../../../frontend/http/admin/cache.ts';
import { refusalOf } from '../../../../../frontend/http/thrown.ts';
import { FakeCache } from '../../../../support/fake-cache.ts';

function opened() {
  const fastify = Fastify();
  fastify.setErrorHandler((error, _request, reply) => reply.status(400).send(refusalOf(error)));
  cacheRoutes(fastify, new FakeCache());
  return async (method: 'GET' | 'DELETE', url: string): Promise<Record<string, unknown>> => (await fastify.inject({ method, url })).json();
}

test('it shows what the cache holds, one line a model version', async () => {
  const call = opened();
  assert.deepEqual(await call('GET', '/admin/cache'), {
    entries: 6, pending: 2, bytes: 60, max_bytes: 1000, evictions: 7,
    models: [{ model: 'm@1', entries: 2, bytes: 20 }, { model: 'n@2', entries: 4, bytes: 40 }],
  });
});

test('it is cleared as a whole or for one model version, and says how much that was', async () => {
  const call = opened();
  assert.deepEqual(await call('DELETE', '/admin/cache?model=n@2'), { dropped: 4 });
  assert.deepEqual(await call('DELETE', '/admin/cache'), { dropped: 2 });
  assert.deepEqual((await call('GET', '/admin/cache'))['models'], []);
});

test('what it does not know is refused', async () => {
  const call = opened();
  assert.equal((await call('GET', '/admin/cache?model=m@1'))['code'], 'unknown_field');
  assert.equal((await call('DELETE', '/admin/cache?version=1'))['code'], 'unknown_field');
  assert.equal((await call('DELETE', '/admin/cache?model=m@1&model=n@2'))['code'], 'invalid_field');
});
