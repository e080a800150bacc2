import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { type OpenDoor, openDoor, post, RawClient } from '../support/http-door.ts';

const BODY = '{"input":[1,2,3,4]}';
const LIMITS = { bodyBytes: 1024 * 1024, openQueriesPerConnection: 8 };

let door: OpenDoor;
before(async () => {
  door = await openDoor({ limits: LIMITS });
});
after(async () => {
  assert.deepEqual(door.faults, []);
  assert.deepEqual(await door.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
});

/** Whatever the hostile client does, another gets its answer meanwhile. */
async function neighbourIsServed(): Promise<void> {
  const reply = await fetch(door.url('/v1/apps/sum/predict'), { method: 'POST', headers: { 'content-type': 'application/json' }, body: BODY });
  assert.equal(((await reply.json()) as { output: number }).output, 10);
}

async function answerTo(bytes: string | Buffer): Promise<string> {
  const client = await RawClient.connect(door.port);
  client.write(bytes);
  await neighbourIsServed();
  return client.ended();
}

function assertRefused(text: string, status: number, code: string): void {
  assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
  assert.match(text, /\r\ncontent-type: application\/json/i);
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  assert.equal((JSON.parse(body) as { error: { code: string } }).error.code, code);
}

test('a client that sends its headers a byte at a time is answered 408 and cut off', async () => {
  const impatient = await openDoor({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
  const client = await RawClient.connect(impatient.port);
  const head = 'POST /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
  let at = 0;
  const drip = setInterval(() => client.write(head.charAt(at++) || 'a'), 10);
  await neighbourIsServed();
  const text = await client.ended();
  clearInterval(drip);
  assertRefused(text, 408, 'request_timeout');
  await impatient.end();
});

test('a client whose body does not come in time is answered 408', async () => {
  const impatient = await openDoor({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
  const client = await RawClient.connect(impatient.port);
  client.write('POST /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n{"input');
  assertRefused(await client.ended(), 408, 'request_timeout');
  assert.deepEqual(await impatient.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
});

test('more headers than are allowed are answered 431', async () => {
  const flood = Array.from({ length: 20_000 }, (_, i) => `X-Flood-${i}: ${i}`).join('\r\n');
  assertRefused(await answerTo(`POST /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost\r\n${flood}`), 431, 'headers_too_large');
});

test('a body of 100 MB is refused from what it says of itself, before it is read', async () => {
  const text = await answerTo(`POST /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${100 * 1024 * 1024}\r\n\r\n{"input":`);
  assertRefused(text, 413, 'body_too_large');
});

test('a body of 100 MB without a length is refused when it passes the bound, though the client goes on sending', async () => {
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65536, 0x20), Buffer.from('\r\n')]);
  const client = await RawClient.connect(door.port);
  client.write('POST /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
  for (let sent = 0; sent < 100 * 1024 * 1024 && !client.socket.destroyed; sent += 65536) {
    if (client.text !== '') break;
    if (!client.socket.write(chunk)) await Promise.race([once(client.socket, 'drain'), once(client.socket, 'end'), once(client.socket, 'close')]);
  }
  await neighbourIsServed();
  assertRefused(await client.ended(), 413, 'body_too_large');
});

for (const [name, head] of [
  ['another name', 'Host: evil.example'], ['another port', 'Host: localhost:1'], ['no name', 'Accept: */*'], ['an allowed name within another', 'Host: localhost.evil.example'],
] as const) {
  test(`a Host header of ${name} is answered 421 on every route, known or not`, async () => {
    for (const path of ['/healthz', '/v1/apps/sum/predict', '/nothing']) {
      assertRefused(await answerTo(`GET ${path} HTTP/1.1\r\n${head}\r\nConnection: close\r\n\r\n`), 421, 'wrong_host');
    }
  });
}

for (const [name, bytes] of [
  ['two Host headers', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
  ['a whole URL for a target', 'GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
  ['two content-lengths', `POST /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 19\r\nContent-Length: 20\r\n\r\n${BODY}`],
  ['a content-length and chunks', `POST /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 19\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a chunk size that is no number', 'POST /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ['a method that is none', 'BREW /pot HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['TLS', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])],
  ['a line that is no header', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nno colon here\r\n\r\n'],
  ['a percent sign without digits', 'GET /v1/apps/%zz/predict HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
] as const) {
  test(`${name}: answered 400`, async () => assertRefused(await answerTo(bytes), 400, 'malformed_request'));
}

test('CONNECT is answered 405: this is no proxy', async () => {
  assertRefused(await answerTo('CONNECT example.org:80 HTTP/1.1\r\nHost: localhost\r\n\r\n'), 405, 'method_not_allowed');
});

test('a body behind a content coding that is not spoken is answered 415, one that is not of its coding 400', async () => {
  assertRefused(await answerTo(post('/v1/apps/sum/predict', BODY, ['Content-Encoding: br', 'Connection: close'])), 415, 'unsupported_media_type');
  assertRefused(await answerTo(post('/v1/apps/sum/predict', BODY, ['Content-Encoding: gzip', 'Connection: close'])), 400, 'malformed_request');
});

for (const name of ['__proto__', 'constructor', 'toString', '..%2f..%2fetc', 'a'.repeat(200), '%00']) {
  test(`an app named ${name.slice(0, 20)} does not exist`, async () => {
    assertRefused(await answerTo(post(`/v1/apps/${name}/predict`, BODY, ['Connection: close'])), 404, 'unknown_app');
  });
}

test('pipelined requests of every kind are answered in order', async () => {
  const client = await RawClient.connect(door.port);
  client.write(
    post('/v1/apps/sum/predict', '{"input":[1,0,0,0]}', ['X-Request-Id: first'])
      + 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: second\r\n\r\n'
      + post('/v1/apps/sum/predict', '{"input":[1,0,0]}', ['X-Request-Id: third'])
      + post('/v1/apps/sum/predict', '{"input":[4,0,0,0]}', ['X-Request-Id: fourth', 'Connection: close']),
  );
  const text = await client.ended();
  assert.deepEqual([...text.matchAll(/x-request-id: (\w+)/g)].map(([, id]) => id), ['first', 'second', 'third', 'fourth']);
  assert.deepEqual([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status), ['200', '200', '400', '200']);
});

test('pipelined requests are answered in order though the road answers the last one first', async () => {
  const client = await RawClient.connect(door.port);
  const first = door.road.queries.length;
  for (const n of [1, 2, 3]) client.write(post('/v1/apps/held/predict', `{"input":[${n},0,0,0]}`));
  await door.road.until(() => door.road.queries.length === first + 3);
  for (const query of door.road.queries.slice(first).reverse()) door.road.answer(query);
  const text = await client.until(/"output":3/);
  assert.deepEqual([...text.matchAll(/"output":(\d)/g)].map(([, output]) => output), ['1', '2', '3']);
  client.socket.destroy();
});

test('more pipelined requests than one connection may have open are refused as overloaded, in their turn', async () => {
  const client = await RawClient.connect(door.port);
  const first = door.road.queries.length;
  client.write(post('/v1/apps/held/predict', BODY).repeat(9));
  await door.road.until(() => door.road.queries.length === first + 8);
  await neighbourIsServed();
  for (const query of door.road.queries.slice(first, first + 8)) door.road.answer(query);
  const text = await client.until(/overloaded/);
  assert.deepEqual([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status), ['200', '200', '200', '200', '200', '200', '200', '200', '503']);
  assert.match(text, /retry-after: 1\r\n/);
  client.socket.destroy();
});

test('a client that closes its side after its requests still gets its answers, in order', async () => {
  const client = await RawClient.connect(door.port);
  const first = door.road.queries.length;
  client.socket.end(post('/v1/apps/held/predict', '{"input":[1,0,0,0]}') + post('/v1/apps/held/predict', '{"input":[2,0,0,0]}'));
  await door.road.until(() => door.road.queries.length === first + 2);
  for (const query of door.road.queries.slice(first)) door.road.answer(query);
  const text = await client.ended();
  assert.deepEqual([...text.matchAll(/"output":(\d)/g)].map(([, output]) => output), ['1', '2']);
});

test('requests before bytes that are no HTTP get their answers, then the bytes get theirs', async () => {
  const client = await RawClient.connect(door.port);
  const first = door.road.queries.length;
  client.write(`${post('/v1/apps/held/predict', BODY)}garbage\r\n\r\n`);
  await door.road.until(() => door.road.queries.length === first + 1);
  door.road.answer(door.road.queries[first]);
  const text = await client.ended();
  assert.deepEqual([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status), ['200', '400']);
});

for (const [name, leave] of [['resets', 'resetAndDestroy'], ['closes', 'destroy']] as const) {
  test(`a client that ${name} its connection while it waits has its query taken back`, async () => {
    const client = await RawClient.connect(door.port);
    const { road } = door;
    const first = road.queries.length;
    const cancelled = road.cancelled.length;
    client.write(post('/v1/apps/held/predict', BODY));
    await road.until(() => road.queries.length === first + 1);
    client.socket[leave]();
    await road.until(() => road.cancelled.length === cancelled + 1);
    assert.equal(road.cancelled.at(-1), road.queries[first]?.slot);
    await neighbourIsServed();
  });
}

test('a client that goes in the middle of its body leaves nothing behind', async () => {
  const gone = await RawClient.connect(door.port);
  const submitted = door.road.queries.length;
  gone.write('POST /v1/apps/held/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"input":[1,2,');
  await neighbourIsServed();
  assert.equal(door.door.open, 1);
  gone.socket.resetAndDestroy();
  while (door.door.open > 0) await neighbourIsServed();
  assert.equal(door.slabs.usedSlabs, 0);
  assert.equal(door.road.queries.slice(submitted).every((query) => query.app === 'sum'), true);
});

test('a client that closes its side in the middle of its body is answered 400', async () => {
  const client = await RawClient.connect(door.port);
  client.socket.end('POST /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"input":[1,2,');
  assertRefused(await client.ended(), 400, 'malformed_request');
});

test('Expect: 100-continue is answered before the body comes, and a body that is too large is never asked for', async () => {
  const client = await RawClient.connect(door.port);
  const head = 'POST /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n';
  client.write(`${head}Content-Length: ${BODY.length}\r\n\r\n`);
  await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  client.write(BODY);
  await client.until(/"output":10/);
  client.write(`${head}Content-Length: ${LIMITS.bodyBytes + 1}\r\n\r\n`);
  const text = await client.until(/body_too_large/);
  assert.equal(text.match(/100 Continue/g)?.length, 1);
  client.socket.destroy();
});

test('a chunked body is read across chunks that cut numbers in two', async () => {
  const chunks = ['{"inp', 'ut":[1', '2,0.', '5,1e', '1,-', '2]}'].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
  const text = await answerTo(`POST /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunks}0\r\n\r\n`);
  assert.match(text, /"output":20\.5/);
});

test('HEAD is GET without a body; methods that a route does not take are answered 405 with Allow', async () => {
  const head = await fetch(door.url('/healthz'), { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
    const request = http.request(door.url('/v1/apps/sum/predict'), { method });
    request.end();
    const [reply] = (await once(request, 'response')) as [http.IncomingMessage];
    reply.resume();
    assert.deepEqual([reply.statusCode, reply.headers.allow, reply.headers['access-control-allow-origin']], [405, 'POST', undefined], method);
    await once(reply, 'close');
  }
});

test('connections past the bound are closed, and those that are open go on', async () => {
  const small = await openDoor({ limits: { connections: 2 } });
  const clients = await Promise.all([RawClient.connect(small.port), RawClient.connect(small.port)]);
  for (const client of clients) {
    client.write(post('/v1/apps/sum/predict', BODY));
    await client.until(/"output":10/);
  }
  const third = await RawClient.connect(small.port);
  assert.equal(await third.ended(), '');
  clients[0]?.write(post('/v1/apps/sum/predict', BODY));
  await clients[0]?.until(/"output":10.*"output":10/s);
  assert.equal(small.meter.value('tradewind_refused_total', { code: 'overloaded' }), 1);
  for (const client of clients) client.socket.destroy();
  await small.end();
});
