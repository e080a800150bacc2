import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oipPlugin } from '../../../../../frontend/http/oip/plugin.ts';
import { fastifyPath } from '../../../../../frontend/http/route-table.ts';
import { watchRoutes } from '../../../../../frontend/http/allowed-methods.ts';
import Fastify from 'fastify';
import { openDoor } from '../../../../support/http-door.ts';
import { inferDoor } from '../../../../support/infer-door.ts';

function plugin(changed: string[] = []): ReturnType<typeof oipPlugin> {
  const { options } = inferDoor();
  return oipPlugin({
    ...options, whyUnready: () => ({ kind: 'coming' }), version: '1.0', ready: () => false, statistics: { of: () => [] },
    repository: { load: async (model, who) => void changed.push(`${model} ${who}`), unload: async () => ({ code: 'unknown_model', message: 'none' }) },
    operators: { caller: (authorization) => (authorization === undefined ? 'loopback' : { code: 'unauthenticated', message: 'who' }) },
  });
}

test('every route that is documented is there, and no other', async () => {
  const { register, routes } = plugin();
  const fastify = Fastify();
  const methodsOf = watchRoutes(fastify);
  const seen: string[] = [];
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) if (each !== 'HEAD') seen.push(`${each} ${url.replace(/(?<=.)\/$/, '')}`);
  });
  await fastify.register(register);
  await fastify.ready();
  assert.deepEqual([...new Set(seen)].sort(), routes.map(({ method, path }) => `${method} ${fastifyPath(path)}`).sort());
  assert.deepEqual(methodsOf('/v2/models/m/infer'), ['POST']);
  await fastify.close();
});

test('over HTTP: metadata, inference past the router and through it, changes by admin\'s rules, faults in the protocol\'s shape', async () => {
  const changed: string[] = [];
  const door = await openDoor({ plugins: [plugin(changed)] });
  const ask = async (path: string, init: RequestInit = {}): Promise<[number, unknown]> => {
    const reply = await fetch(door.url(path), init);
    return [reply.status, JSON.parse(await reply.text())];
  };
  assert.deepEqual((await ask('/v2'))[0], 200);
  assert.deepEqual(await ask('/v2/health/live'), [200, { live: true }]);
  assert.deepEqual(await ask('/v2/health/ready'), [503, { ready: false }]);
  assert.deepEqual(await ask('/v2/models'), [200, { models: ['m', 'unknown'] }]);
  assert.deepEqual(await ask('/v2/models/m/ready'), [200, { name: 'm', ready: true }]);
  assert.deepEqual(await ask('/v2/models/m/versions/stable/ready'), [200, { name: 'm', ready: true }]);
  assert.deepEqual(await ask('/v2/models/n'), [404, { error: "Request for unknown model: 'n' is not found" }]);
  assert.deepEqual(await ask('/v2/models/stats'), [200, { model_stats: [] }]);
  assert.deepEqual((await ask('/v2/models/m/config'))[0], 200);
  const body = '{"inputs":[{"name":"x","shape":[1,2],"datatype":"INT8","data":[3,4]}]}';
  for (const path of ['/v2/models/m/infer', '/v2/models/%6d/infer', '/v2/models/m/versions/1/infer?a=b']) {
    const [status, answer] = await ask(path, { method: 'POST', body });
    assert.deepEqual([status, (answer as { outputs: { data: unknown }[] }).outputs[0]?.data], [200, [3, 4]], path);
  }
  assert.deepEqual(await ask('/v2/models/m/infer'), [405, { error: 'the route takes POST' }]);
  assert.deepEqual(await ask('/v2/whatever'), [404, { error: 'there is no such route' }]);
  assert.equal((await ask('/v2/repository/index', { method: 'POST' }))[0], 200);
  assert.deepEqual(await ask('/v2/repository/models/m/load', { method: 'POST' }), [200, {}]);
  assert.deepEqual(changed, ['m loopback']);
  assert.deepEqual(await ask('/v2/repository/models/m/unload', { method: 'POST', body: '{}' }), [404, { error: "failed to unload 'm', none" }]);
  assert.equal((await ask('/v2/repository/models/m/load', { method: 'POST', headers: { authorization: 'Bearer x' } }))[0], 401);
  assert.equal((await ask('/v2/repository/models/m/load', { method: 'POST', headers: { origin: 'http://elsewhere.example' } }))[0], 403);
  assert.equal((await ask('/v2/repository/models/m/load', { method: 'POST', body: '[' }))[0], 400);
  assert.deepEqual(await ask('/v2/repository/models/m/load', { method: 'POST', body: '{"parameters":null}' }), [200, {}]);
  for (const parameters of ['[1]', '"x"', '7']) assert.deepEqual(await ask('/v2/repository/models/m/load', { method: 'POST', body: `{"parameters":${parameters}}` }), [400, { error: "'parameters' must be an object" }]);
  assert.equal((await ask('/v2/repository/index', { method: 'POST', body: '[' }))[0], 400);
  assert.equal((await ask('/v2/repository/models/m/reload', { method: 'POST' }))[0], 404);
  assert.deepEqual(await door.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
});
