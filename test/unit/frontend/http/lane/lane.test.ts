import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Connections } from '../../../../../frontend/http/exchange/connections.ts';
import { HTTP_LIMITS } from '../../../../../frontend/http/http-limits.ts';
import { Lane } from '../../../../../frontend/http/lane/lane.ts';
import { RequestIds } from '../../../../../frontend/http/exchange/request-id.ts';
import { post, RawClient } from '../../../../support/http-door.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';

/** A server whose lane answers `lane` to POST /lane with a Host of localhost; node:http answers the method and path. */
async function setUp() {
  const clock = new VirtualClock();
  const server = createServer((request, response) => {
    request.resume();
    response.end(`node:http ${request.method} ${request.url}`);
  });
  const cut: string[] = [];
  const connections = new Connections(clock);
  const lane = new Lane({
    clock, connections, limits: { ...HTTP_LIMITS, headersTimeoutMs: 4000, bodyBytes: 100 }, requestIds: new RequestIds('i'), allows: (host) => host === 'localhost',
    routes: [
      () => undefined,
      (path) => (path !== '/lane' ? undefined : (exchange) => exchange.answer({ status: 200, headers: ['content-length', '4'], body: 'lane', bodyBytes: 4, last: false })),
    ],
    cut: (connection, code) => {
      cut.push(code);
      connection.socket.destroy();
    },
  });
  lane.watch(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const end = async () => {
    server.close();
    server.closeAllConnections();
    lane.closeAll();
    await connections.allClosed();
    assert.equal(clock.pending, 0);
  };
  return { clock, lane, port, cut, end };
}

test('the lane answers what is its own; the first thing that is not makes the connection node:http\'s for good', async () => {
  const { port, end } = await setUp();
  const client = await RawClient.connect(port);
  client.write(post('/lane', 'a'));
  await client.until(/lane$/);
  client.write(post('/other', 'a') + post('/lane', 'a'));
  const text = await client.until(/node:http POST \/lane$/);
  assert.equal(text.match(/node:http POST \/other/g)?.length, 1);
  client.socket.destroy();
  await end();
});

for (const [name, bytes] of [['another Host', post('/lane', 'a').replace('localhost', 'other')], ['a body that is too long', post('/lane', 'a'.repeat(101))]] as const) {
  test(`${name} is no request of the lane`, async () => {
    const { port, end } = await setUp();
    const client = await RawClient.connect(port);
    client.write(bytes);
    await client.until(/node:http POST \/lane$/);
    client.socket.destroy();
    await end();
  });
}

test('there are looks while there are connections, and no timer else', async () => {
  const { clock, port, cut, end } = await setUp();
  assert.equal(clock.pending, 0);
  const silent = await RawClient.connect(port);
  const asking = await RawClient.connect(port);
  asking.write(post('/lane', 'a'));
  await asking.until(/lane$/);
  clock.advance(4_000_000);
  assert.deepEqual([cut, clock.pending], [[], 1]);
  clock.advance(1_000_000);
  assert.deepEqual(cut, ['request_timeout']);
  await silent.ended();
  asking.socket.destroy();
  await end();
});

test('idle connections can be closed apart from others', async () => {
  const { lane, port, end } = await setUp();
  const [idle, reading] = [await RawClient.connect(port), await RawClient.connect(port)];
  idle.write(post('/lane', 'a'));
  await idle.until(/lane$/);
  const request = post('/lane', 'abc');
  reading.write(request.slice(0, -1));
  await reading.until(/lane$/);
  lane.closeIdle();
  await idle.ended();
  reading.write(request.slice(-1) + request);
  await reading.until(/lane[^]*lane$/);
  reading.socket.destroy();
  await end();
});
