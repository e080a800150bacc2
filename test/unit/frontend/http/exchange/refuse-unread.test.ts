import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuseUnread } from '../../../../../frontend/http/exchange/refuse-unread.ts';
import { exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../../support/http-doubles.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';

const REPLY = { status: 400, headers: ['content-length', '2'], body: 'no', bodyBytes: 2, last: false };

function refused(headers: Readonly<Record<string, string>>, { complete = false, last = false } = {}): { response: ResponseDouble; socket: SocketDouble; clock: VirtualClock } {
  const socket = new SocketDouble();
  const request = new RequestDouble(socket, headers);
  request.complete = complete;
  const response = new ResponseDouble(socket);
  const clock = new VirtualClock();
  const exchange = exchangeOf(request, response);
  refuseUnread(exchange, clock, { ...REPLY, last });
  refuseUnread(exchange, clock, { ...REPLY, last });
  return { response, socket, clock };
}

test('behind a body that was read, or is small, the connection goes on; the answer is given once', () => {
  for (const { response, socket } of [refused({ 'content-length': '10000000' }, { complete: true }), refused({ 'content-length': '10' }), refused({})]) {
    assert.deepEqual([response.status, response.body, response.headers.get('connection'), socket.writable], [400, 'no', undefined, true]);
  }
});

test('behind a large body, one of unknown length, and where it is to end, it ends, and a client that goes on sending is cut', () => {
  for (const { response, socket, clock } of [refused({ 'content-length': '10000000' }), refused({ 'transfer-encoding': 'chunked' }), refused({ 'content-length': '10' }, { last: true })]) {
    assert.deepEqual([response.body, response.headers.get('connection'), socket.writable, socket.destroyed], ['no', 'close', false, false]);
    clock.advance(1_000_000);
    assert.deepEqual([socket.destroyed, clock.pending], [true, 0]);
  }
});
