import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { writeRefusal, writeReply } from '../../../../../frontend/http/tfs/reply.ts';
import { refuse } from '../../../../../frontend/protocols/tfs/refusal.ts';
import { RequestDouble, ResponseDouble, SocketDouble } from '../../../../support/http-doubles.ts';

function target(headers: Readonly<Record<string, string>> = {}, complete = true): { request: RequestDouble; response: ResponseDouble; asTarget: Parameters<typeof writeReply>[0] } {
  const socket = new SocketDouble();
  const request = new RequestDouble(socket, headers);
  request.complete = complete;
  const response = new ResponseDouble(socket);
  return { request, response, asTarget: { request: request.asRequest(), response: response.asResponse(), headers: ['x-request-id', 'r1'] } };
}

test('an answer has its headers, its length in bytes, and what is said of it', () => {
  const { response, asTarget } = target();
  writeReply(asTarget, '{"predictions":["é"]}', [['tradewind-source', 'model']]);
  assert.equal(response.status, 200);
  assert.deepEqual(Object.fromEntries(response.headers), { 'content-type': 'application/json', 'content-length': '22', 'x-request-id': 'r1', 'tradewind-source': 'model' });
});

test('a refusal is one text, and says when to come again', () => {
  const { response, asTarget } = target();
  writeRefusal(asTarget, { ...refuse('queue_full', 'He said "no".'), retryAfterMs: 2500 });
  assert.equal(response.status, 503);
  assert.equal(response.headers.get('retry-after'), '3');
  assert.equal(response.body, '{ "error": "He said \\"no\\"." }');
});

test('an unread body is thrown away; a large one, or one of unknown length, ends the connection', () => {
  const small = target({ 'content-length': '10' }, false);
  writeRefusal(small.asTarget, refuse('wrong_shape', 'x'));
  assert.deepEqual([small.request.resumed, small.response.headers.get('connection')], [true, undefined]);
  for (const headers of [{ 'content-length': '10000000' }, { 'transfer-encoding': 'chunked' }]) {
    const large = target(headers, false);
    writeRefusal(large.asTarget, refuse('wrong_shape', 'x'));
    assert.equal(large.response.headers.get('connection'), 'close');
  }
});

test('nothing is said twice', () => {
  const { response, asTarget } = target();
  writeReply(asTarget, '{}');
  writeRefusal(asTarget, refuse('internal', 'x'));
  assert.equal(response.status, 200);
  assert.equal(response.body, '{}');
});

test('a large answer is compressed for who takes that; a refusal never is', async () => {
  const { response, asTarget } = target({ 'accept-encoding': 'gzip, deflate' });
  const body = `{"predictions":[${'1.0,'.repeat(1000)}1.0]}`;
  const ended = new Promise((resolve) => response.once('finish', resolve));
  response.end = function end(this: ResponseDouble, bytes: string | Uint8Array = ''): void {
    this.write(bytes);
    this.emit('finish');
  };
  writeReply(asTarget, body);
  await ended;
  assert.equal(response.headers.get('content-encoding'), 'gzip');
  assert.equal(gunzipSync(Buffer.from(response.body, 'latin1')).toString(), body);
  const refused = target({ 'accept-encoding': 'gzip' });
  writeRefusal(refused.asTarget, refuse('wrong_shape', 'x'.repeat(5000)));
  assert.equal(refused.response.headers.get('content-encoding'), undefined);
});
