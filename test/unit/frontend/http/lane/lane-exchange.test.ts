import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LaneExchange } from '../../../../../frontend/http/lane/lane-exchange.ts';
import { connectionOf, SocketDouble } from '../../../../support/http-doubles.ts';

const REPLY = { status: 200, headers: [], body: 'a', bodyBytes: 1, last: false } as const;

function setUp() {
  const socket = new SocketDouble();
  const told: string[] = [];
  const exchange = new LaneExchange({ connection: connectionOf(socket), target: '/p', headers: {}, bodyBytes: 0, requestId: 'r', writer: { given: () => told.push('given'), probe: () => told.push('probe') } });
  return { socket, told, exchange };
}

test('it is answered once, and tells its writer', () => {
  const { told, exchange } = setUp();
  assert.equal(exchange.answered, false);
  exchange.probe();
  exchange.answer(REPLY);
  assert.deepEqual([exchange.answered, exchange.reply, told], [true, REPLY, ['probe', 'given']]);
  assert.throws(() => exchange.answer(REPLY), /request r was answered before/);
});

test('nobody is left to be answered on a socket that is gone', () => {
  const { socket, exchange } = setUp();
  socket.destroy();
  assert.equal(exchange.answered, true);
});

test('its body goes to one sink until nobody wants it, and an early answer wants none', () => {
  const { exchange } = setUp();
  const sink = { piece: () => {}, end: () => {}, broken: () => {} };
  exchange.read(sink);
  assert.equal(exchange.sink, sink);
  exchange.ignore();
  assert.equal(exchange.sink, undefined);
  exchange.read(sink);
  const ended = (): void => {};
  exchange.answerEarly(REPLY, ended);
  assert.deepEqual([exchange.sink, exchange.reply, exchange.ended], [undefined, REPLY, ended]);
});

test('who waits for its answer to be written is told', () => {
  const { exchange } = setUp();
  let told = 0;
  exchange.whenWritten(() => told++);
  assert.deepEqual([exchange.written, told], [false, 0]);
  exchange.isWritten();
  assert.deepEqual([exchange.written, told], [true, 1]);
});

test('a header that would end its line is a fault, and nothing is answered', () => {
  for (const value of ['a\r\nset-cookie: b', 'a\nb', 'a\0', '\u2028', '七']) {
    const { told, exchange } = setUp();
    assert.throws(() => exchange.answer({ ...REPLY, headers: ['x-fine', 'a\tb é', 'x-bad', value] }), /header x-bad of the answer to r/);
    assert.deepEqual([exchange.answered, told], [false, []]);
  }
});
