import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { HttpExchange } from '../../../../../frontend/http/exchange/http-exchange.ts';
import { RequestIds } from '../../../../../frontend/http/exchange/request-id.ts';
import { connectionOf, exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../../support/http-doubles.ts';

const REPLY = { status: 503, headers: ['content-type', 'text/plain'], body: 'größe', bodyBytes: 7, last: false } as const;

function setUp(queued = false) {
  const socket = new SocketDouble();
  const request = new RequestDouble(socket);
  const response = new ResponseDouble(queued ? null : socket);
  return { socket, request, response, exchange: exchangeOf(request, response) };
}

test('a body goes to one sink until nobody wants it', () => {
  const { request, exchange } = setUp();
  const heard: string[] = [];
  const sink = { piece: (bytes: Buffer) => heard.push(bytes.toString()), end: () => heard.push('end'), broken: () => heard.push('broken') };
  exchange.read(sink);
  request.emit('data', Buffer.from('one'));
  exchange.ignore(sink);
  request.emit('data', Buffer.from('two'));
  request.emit('end');
  exchange.read(sink);
  request.emit('end');
  assert.deepEqual(heard, ['one', 'end']);
});

test('an answer has its head and its body, and says when it is the last', () => {
  for (const last of [false, true]) {
    const { response, exchange } = setUp();
    assert.deepEqual([exchange.answered, exchange.written], [false, false]);
    exchange.answer({ ...REPLY, last });
    assert.deepEqual([response.status, Buffer.from(response.body, 'latin1').toString(), response.headers.get('connection')], [503, 'größe', last ? 'close' : undefined]);
    // Node would end the connection with a response that has ended, both sides of it.
    assert.deepEqual([exchange.answered, exchange.written, response.socket?.destroyed], [true, !last, last]);
  }
});

test('an early answer ends our side, at once or in its turn, and reads on', async () => {
  const now = setUp();
  let ended = 0;
  now.exchange.answerEarly({ ...REPLY, last: true }, () => ended++);
  assert.deepEqual([ended, now.socket.writable, now.request.resumed], [1, false, true]);
  const later = setUp(true);
  later.exchange.answerEarly({ ...REPLY, last: true }, () => ended++);
  later.response.emit('socket', later.socket);
  assert.deepEqual([ended, later.response.body, later.response.writableFinished, later.socket.writable], [1, now.response.body, false, true]);
  await new Promise<void>((resolve) => process.nextTick(resolve));
  assert.deepEqual([ended, later.socket.writable, later.request.resumed], [2, false, true]);
});

test('interim answers go to who can have them: in their turn, before the answer, above HTTP/1.0', () => {
  const { response, exchange } = setUp();
  exchange.probe();
  exchange.answer({ ...REPLY });
  exchange.probe();
  const queued = setUp(true);
  queued.exchange.probe();
  const old = setUp();
  old.request.httpVersionMinor = 0;
  old.exchange.probe();
  assert.deepEqual([response.interim, queued.response.interim, old.response.interim], [1, 0, 0]);
});

test('its id is made once, when it is asked for', () => {
  const socket = new SocketDouble();
  const ids = new RequestIds('i');
  const parts = (headers: Readonly<Record<string, string>>) => ({ request: new RequestDouble(socket, headers).asRequest(), response: new ResponseDouble(socket).asResponse(), connection: connectionOf(socket), requestId: ids });
  const exchange = new HttpExchange(parts({}));
  assert.deepEqual([new HttpExchange(parts({ 'x-request-id': 'mine' })).requestId, exchange.requestId, exchange.requestId, ids.idFor(undefined)], ['mine', 'i-000', 'i-000', 'i-001']);
});

test('a body that comes compressed is heard as what it inflates to, until nobody wants it', async () => {
  const whole = inflating('gzip');
  whole.request.end(gzipSync('x'.repeat(100_000)));
  await whole.over;
  assert.deepEqual([whole.bytes(), whole.heard.at(-1)], [100_000, 'end']);
  assert.ok(whole.heard.length > 5, 'it comes in pieces');
  const none = inflating('deflate');
  none.request.end('this is no deflate');
  await none.over;
  assert.deepEqual(none.heard, ['broken']);
  const unwanted = inflating('gzip');
  unwanted.exchange.ignore(unwanted.sink);
  unwanted.request.end('this is no gzip');
  await finished(unwanted.request);
  assert.deepEqual(unwanted.heard, []);
});

/** An exchange whose request carries this coding, what its sink heard, and when that was all. */
function inflating(coding: string) {
  const socket = new SocketDouble();
  const request = Object.assign(new PassThrough(), { socket, headers: { 'content-encoding': coding } });
  const exchange = new HttpExchange({ request: request as unknown as IncomingMessage, response: new ResponseDouble(socket).asResponse(), connection: connectionOf(socket), requestId: 'r' });
  const heard: string[] = [];
  let bytes = 0;
  let done = (): void => {};
  const over = new Promise<void>((resolve) => { done = resolve; });
  const sink = {
    piece: (piece: Buffer) => {
      bytes += piece.length;
      heard.push(`piece ${piece.length}`);
    },
    end: () => { heard.push('end'); done(); },
    broken: () => { heard.push('broken'); done(); },
  };
  exchange.read(sink);
  return { request, exchange, sink, heard, over, bytes: () => bytes };
}
