import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { watchRoutes } from '../../../../frontend/http/allowed-methods.ts';

test('a path takes the methods of every pattern that it fits', async () => {
  const fastify = Fastify();
  const methodsOf = watchRoutes(fastify);
  fastify.get('/v1/models/:name', async () => '');
  fastify.put('/v1/models/:name', async () => '');
  fastify.post('/v1/models/:name/labels', async () => '');
  fastify.get('/pages/*', { exposeHeadRoute: false }, async () => '');
  await fastify.ready();
  assert.deepEqual(methodsOf('/v1/models/a'), ['GET', 'HEAD', 'PUT']);
  assert.deepEqual(methodsOf('/v1/models/a/labels'), ['POST']);
  assert.deepEqual(methodsOf('/pages/a/b'), ['GET']);
  for (const path of ['/', '/v1/models', '/v1/models/', '/v1/models/a/b', '/__proto__']) assert.deepEqual(methodsOf(path), [], path);
  await fastify.close();
});
