import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Connections } from '../../../../../frontend/http/exchange/connections.ts';
import type { Exchange } from '../../../../../frontend/http/exchange/exchange.ts';
import { HTTP_LIMITS } from '../../../../../frontend/http/http-limits.ts';
import { Lane } from '../../../../../frontend/http/lane/lane.ts';
import { RequestIds } from '../../../../../frontend/http/exchange/request-id.ts';
import { post, RawClient } from '../../../../support/http-door.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';
import { turnsUntil } from '../../../../support/turns-until.ts';

const LANE = { status: 200, headers: ['content-length', '4'], body: 'lane', bodyBytes: 4, last: false };

/** A server whose lane answers `lane` to POST /lane with a Host of localhost, and to POST /later when told to; node:http answers the method and path. */
async function setUp() {
  const clock = new VirtualClock();
  const server = createServer((request, response) => {
    request.resume();
    response.end(`node:http ${request.method} ${request.url}`);
  });
  const cut: string[] = [];
  const later: Exchange[] = [];
  const upgraded: Buffer[] = [];
  server.on('upgrade', (_, socket) => {
    socket.on('data', (piece: Buffer) => upgraded.push(piece));
    socket.on('end', () => socket.end());
    socket.write('upgraded');
  });
  const connections = new Connections(clock);
  const lane = new Lane({
    clock, connections, limits: { ...HTTP_LIMITS, headersTimeoutMs: 4000, bodyBytes: 100 }, requestIds: new RequestIds('i'), allows: (host) => host === 'localhost',
    routes: [
      () => undefined,
      (path) => (path !== '/lane' ? undefined : (exchange) => exchange.answer(LANE)),
      (path) => (path !== '/later' ? undefined : (exchange) => void later.push(exchange)),
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
  return { clock, lane, port, cut, later, upgraded, end };
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

test('what waits for node:http behind an answer stays as it came, whatever others send meanwhile', async () => {
  const { port, later, end } = await setUp();
  const [waiting, other] = [await RawClient.connect(port), await RawClient.connect(port)];
  waiting.write(post('/later', 'a') + post('/other', 'a'));
  await turnsUntil(() => later.length !== 0);
  other.write(post('/lane', 'b'.repeat(100)).repeat(5));
  await other.until(/(lane[^]*){5}$/);
  later[0]?.answer(LANE);
  await waiting.until(/lane[^]*node:http POST \/other$/);
  for (const { socket } of [waiting, other]) socket.destroy();
  await end();
});

test('what comes over a connection that left the lane is its new owner\'s for good', async () => {
  const { port, upgraded, end } = await setUp();
  const client = await RawClient.connect(port);
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n');
  await client.until(/upgraded$/);
  for (const text of ['one', 'two']) {
    const before = upgraded.length;
    client.write(text);
    await turnsUntil(() => upgraded.length !== before);
  }
  assert.equal(upgraded.join(''), 'onetwo');
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
