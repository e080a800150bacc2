import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { HEALTH_ROUTES, registerHealth } from '../../../../frontend/http/health.ts';

test('probes tell the truth of the moment', async () => {
  const fastify = Fastify();
  let missing: readonly string[] = ['digits@1'];
  let draining = false;
  registerHealth(fastify, {
    readiness: () => ({ ready: missing.length === 0, missing }),
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'up 1\n' }),
    draining: () => draining,
  });
  const ready = async () => {
    const { statusCode, body } = await fastify.inject('/readyz');
    return [statusCode, JSON.parse(body)];
  };
  assert.deepEqual(await ready(), [503, { ready: false, draining: false, missing: ['digits@1'] }]);
  missing = [];
  assert.deepEqual(await ready(), [200, { ready: true, draining: false, missing: [] }]);
  draining = true;
  assert.deepEqual(await ready(), [503, { ready: false, draining: true, missing: [] }]);
  assert.equal((await fastify.inject('/healthz')).statusCode, 200);
  const metrics = await fastify.inject('/metrics');
  assert.deepEqual([metrics.headers['content-type'], metrics.body], ['text/plain; version=0.0.4; charset=utf-8', 'up 1\n']);
  for (const { method, path } of HEALTH_ROUTES) assert.equal(fastify.hasRoute({ method, url: path }), true, path);
  await fastify.close();
});
