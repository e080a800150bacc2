import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { refusalReply, writeReply } from '../../../../../frontend/http/tfs/reply.ts';
import type { HttpExchange } from '../../../../../frontend/http/exchange/http-exchange.ts';
import { refuse } from '../../../../../frontend/protocols/tfs/refusal.ts';
import { exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../../support/http-doubles.ts';

function target(headers: Readonly<Record<string, string>> = {}): { response: ResponseDouble; exchange: HttpExchange } {
  const socket = new SocketDouble();
  const response = new ResponseDouble(socket);
  return { response, exchange: exchangeOf(new RequestDouble(socket, headers), response) };
}

test('an answer has its headers, its length in bytes, and what is said of it', () => {
  const { response, exchange } = target();
  writeReply(exchange, '{"predictions":["é"]}', { facts: [['tradewind-source', 'model']], last: false });
  assert.equal(response.status, 200);
  assert.deepEqual(Object.fromEntries(response.headers), { 'content-type': 'application/json', 'content-length': '22', 'x-request-id': 'r', 'tradewind-source': 'model' });
});

test('a refusal is one text, and says when to come again', () => {
  const { exchange } = target({ 'accept-encoding': 'gzip' });
  const { status, headers, body, last } = refusalReply(exchange, { ...refuse('queue_full', 'He said "no".'), retryAfterMs: 2500 }, { last: true });
  assert.deepEqual([status, body, last], [503, '{ "error": "He said \\"no\\"." }', true]);
  assert.deepEqual(headers, ['content-length', String(body.length), 'content-type', 'application/json', 'x-request-id', 'r', 'retry-after', '3']);
});

test('a client that has its answer, or has gone, is told nothing more', () => {
  const { response, exchange } = target();
  writeReply(exchange, '{}', { last: false });
  writeReply(exchange, '{"a":1}', { last: false });
  assert.equal(response.body, '{}');
});

test('a large answer is compressed for who takes that', async () => {
  const { response, exchange } = target({ 'accept-encoding': 'gzip, deflate' });
  const body = `{"predictions":[${'1.0,'.repeat(1000)}1.0]}`;
  const ended = new Promise((resolve) => response.once('finish', resolve));
  response.end = function end(this: ResponseDouble, bytes: string | Uint8Array = ''): void {
    this.write(bytes);
    this.emit('finish');
  };
  writeReply(exchange, body, { last: false });
  await ended;
  assert.equal(response.headers.get('content-encoding'), 'gzip');
  assert.equal(gunzipSync(Buffer.from(response.body, 'latin1')).toString(), body);
});
