import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import { BrokerError } from '../../../../../frontend/domain/errors.ts';
import { dashboardPlugin, type DashboardDeps, type DashboardPlugin } from '../../../../../frontend/http/dashboard/dashboard.ts';
import { fastifyPath } from '../../../../../frontend/http/route-table.ts';
import { CellMeter } from '../../../../../frontend/metrics/cells.ts';
import { Watch } from '../../../../../frontend/metrics/history/watch.ts';

const BROKER = { version: '1', startedAt: 0, cpu: 0, loopBusy: 0, stolen: 0, clockMovedMs: 0, memoryBytes: 1, openQueries: 0, openFeedback: 0 };
const TOKENS = { size: 1, nameOf: (secret: string) => (secret === 'right' ? 'ann' : undefined) };

async function opened(t: TestContext, access: DashboardDeps['access'] = { loopback: true }): Promise<{ fastify: FastifyInstance; plugin: DashboardPlugin }> {
  const plugin = dashboardPlugin({
    access, watch: new Watch(new CellMeter()), look: () => ({ at: 1, broker: BROKER, apps: [], models: [], troubles: [] }),
    picture: (key) => (key === 'm@1' ? { controller: 'planner', sloMs: 20, maxBatch: 8, plannedRows: 4, reachRows: 4, law: [], batches: [[1, 2]] } : undefined),
  });
  const fastify = Fastify();
  fastify.setErrorHandler((error, _request, reply) => reply.code(error instanceof BrokerError ? 400 : 500).send({ code: error instanceof BrokerError ? error.code : String(error) }));
  await fastify.register(plugin.register);
  t.after(() => fastify.close());
  return { fastify, plugin };
}

test('the routes are those of the table', async (t) => {
  const { fastify, plugin } = await opened(t);
  for (const { method, path } of plugin.routes) assert.equal(fastify.hasRoute({ method, url: fastifyPath(path) }), true, path);
});

test('the page is for everybody, runs only its own code, and is sent again only when it is another', async (t) => {
  const { fastify } = await opened(t, { loopback: false, tokens: TOKENS });
  const page = await fastify.inject('/dashboard');
  assert.equal(page.statusCode, 200);
  const policy = String(page.headers['content-security-policy']);
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  const again = await fastify.inject({ url: '/dashboard', headers: { 'if-none-match': String(page.headers.etag) } });
  assert.deepEqual([again.statusCode, again.body], [304, '']);
  const script = await fastify.inject('/dashboard/main.ts');
  assert.deepEqual([script.statusCode, script.headers['content-type'], script.headers['x-content-type-options']], [200, 'text/javascript; charset=utf-8', 'nosniff']);
  for (const file of ['nothing.js', '..%2f..%2fpackage.json', 'tsconfig.json']) assert.equal((await fastify.inject(`/dashboard/${file}`)).statusCode, 400, file);
});

test('figures are for whom admin is for, and for no page of another site', async (t) => {
  const { fastify } = await opened(t, { loopback: false, tokens: TOKENS });
  const paths = ['/admin/watch', '/admin/watch/now', '/admin/watch/sparks', '/admin/watch/history?kind=broker&span=5m', '/admin/watch/models/m/versions/1'];
  for (const url of paths) {
    assert.equal((await fastify.inject(url)).json<{ code: string }>().code, 'unauthenticated', url);
    assert.equal((await fastify.inject({ url, headers: { authorization: 'Bearer wrong' } })).json<{ code: string }>().code, 'unauthenticated', url);
    assert.equal((await fastify.inject({ url, headers: { authorization: 'Bearer right', 'sec-fetch-site': 'cross-site' } })).json<{ code: string }>().code, 'cross_origin', url);
  }
  for (const url of paths.slice(1)) assert.equal((await fastify.inject({ url, headers: { authorization: 'Bearer right', 'sec-fetch-site': 'same-origin' } })).statusCode, 200, url);
});

test('histories and pictures are told, and what is none is refused', async (t) => {
  const { fastify } = await opened(t);
  assert.deepEqual((await fastify.inject('/admin/watch/history?kind=app&name=x&span=1h')).json(), { stepMs: 1_000, fromMs: 0, columns: {} });
  assert.deepEqual((await fastify.inject('/admin/watch/models/m/versions/1')).json<{ batches: number[][] }>().batches, [[1, 2]]);
  for (const query of ['kind=planet&span=5m', 'kind=app&span=2m', 'kind=app', 'kind=app&span=5m&more=1', 'kind=app&span=5m&name=a&name=b']) {
    assert.match((await fastify.inject(`/admin/watch/history?${query}`)).json<{ code: string }>().code, /invalid_field|unknown_field/, query);
  }
  assert.equal((await fastify.inject('/admin/watch/models/m/versions/2')).json<{ code: string }>().code, 'unknown_version');
});

test('how everything stands is told to who asks once, too', async (t) => {
  const { fastify } = await opened(t);
  assert.deepEqual((await fastify.inject('/admin/watch/now')).json(), { at: 1, broker: BROKER, apps: [], models: [], troubles: [] });
});

test('a HEAD takes no stream', async (t) => {
  const { fastify } = await opened(t);
  assert.equal((await fastify.inject({ method: 'HEAD', url: '/admin/watch' })).statusCode, 404);
});

test('a stream begins at once, ticks, and ends with the door', async (t) => {
  const { fastify, plugin } = await opened(t);
  await fastify.listen({ host: '127.0.0.1', port: 0 });
  const request = get({ host: '127.0.0.1', port: (fastify.server.address() as AddressInfo).port, path: '/admin/watch' });
  const [response] = await once(request, 'response') as [IncomingMessage];
  assert.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8');
  const [first] = await once(response.setEncoding('utf8'), 'data') as [string];
  assert.match(first, /^event: state\ndata: \{"at":1,.*\n\n$/u);
  const second = once(response, 'data');
  plugin.tick();
  assert.match(String((await second)[0]), /^event: tick\n/u);
  const ended = once(response, 'end');
  response.resume();
  await fastify.close();
  await ended;
});
