import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusals } from '../../../../frontend/http/refusals.ts';
import { exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../support/http-doubles.ts';
import { RecordingMeter } from '../../../support/recording-meter.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const REFUSAL = { code: 'wrong_shape', message: 'Expected [4].' } as const;

function setUp(headers: Readonly<Record<string, string>>, queued = false) {
  const clock = new VirtualClock();
  const meter = new RecordingMeter();
  const socket = new SocketDouble();
  const request = new RequestDouble(socket, headers);
  const response = new ResponseDouble(queued ? null : socket);
  const refuse = (close?: boolean) => new Refusals(clock, meter).refuse(exchangeOf(request, response), REFUSAL, close);
  return { clock, meter, socket, request, response, refuse };
}

test('behind a small body, or one that was read, the connection goes on', () => {
  for (const headers of [{ 'content-length': '1000' }, {}] as const) {
    const { clock, meter, response, refuse } = setUp({ ...headers });
    refuse();
    assert.deepEqual([response.status, response.headers.get('connection'), response.writableFinished, clock.pending], [400, undefined, true, 0]);
    assert.equal(meter.value('tradewind_refused_total', { code: 'wrong_shape' }), 1);
  }
});

test('behind a large body, or one of unknown length, the client hears its answer before it is cut off', () => {
  for (const headers of [{ 'content-length': '10000000' }, { 'transfer-encoding': 'chunked' }] as const) {
    const { clock, socket, request, response, refuse } = setUp({ ...headers });
    refuse();
    assert.deepEqual([response.headers.get('connection'), request.resumed, socket.writable, socket.destroyed], ['close', true, false, false]);
    assert.equal(response.headers.get('content-length'), String(response.body.length));
    clock.advance(1_000_000);
    assert.equal(socket.destroyed, true);
    assert.equal(clock.pending, 0);
  }
});

test('a client that closes in time needs no cutting off', () => {
  const { clock, socket, refuse } = setUp({ 'transfer-encoding': 'chunked' });
  refuse();
  socket.destroy();
  assert.equal(clock.pending, 0);
});

test('an answer that is queued behind others ends our side in its turn', async () => {
  const { socket, response, refuse } = setUp({ 'transfer-encoding': 'chunked' }, true);
  refuse();
  assert.deepEqual([response.body === '', socket.writable], [false, true]);
  response.emit('socket', socket);
  await new Promise<void>((resolve) => process.nextTick(resolve));
  assert.deepEqual([response.writableFinished, socket.writable], [false, false]);
});

test('closing is said where it is asked for', () => {
  const { response, request, refuse } = setUp({});
  request.complete = true;
  refuse(true);
  assert.deepEqual([response.headers.get('connection'), response.body === '', response.socket?.destroyed], ['close', false, true]);
});

test('an answer that has begun is left alone', () => {
  const { meter, response, refuse } = setUp({});
  response.headersSent = true;
  refuse();
  assert.deepEqual([response.body, meter.value('tradewind_refused_total', { code: 'wrong_shape' })], ['', 0]);
});

test('what lies below the path of a protocol is refused in its shape, all else in the native one', () => {
  const told = (body: string) => ({ status: 418, headers: [], body, bodyBytes: body.length, last: false });
  const refusals = new Refusals(new VirtualClock(), new RecordingMeter(), [{ path: '/v2', reply: ({ message }) => told(message) }]);
  const bodyAt = (target: string): string => String(refusals.reply(target, REFUSAL, 'r', false).body);
  assert.deepEqual(['/v2', '/v2/x', '/v2?x'].map(bodyAt), Array.from({ length: 3 }, () => 'Expected [4].'));
  for (const target of ['/v20', '/', '', '/admin/v2']) assert.match(bodyAt(target), /^\{"error":\{"code":"wrong_shape"/u, target);
});
