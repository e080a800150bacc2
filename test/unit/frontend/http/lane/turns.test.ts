import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection, Reply } from '../../../../../frontend/http/exchange/exchange.ts';
import { LaneExchange } from '../../../../../frontend/http/lane/lane-exchange.ts';
import { ReplyBytes } from '../../../../../frontend/http/lane/reply-bytes.ts';
import { Turns } from '../../../../../frontend/http/lane/turns.ts';
import { LaneSocket, turn } from '../../../../support/lane-socket.ts';

function reply(body: string, more: Partial<Reply> = {}): Reply {
  return { status: 200, headers: ['content-length', String(body.length)], body, bodyBytes: body.length, last: false, ...more };
}

function setUp(count: number) {
  const socket = new LaneSocket();
  const connection: Connection = { socket: socket.asSocket(), open: [], latest: undefined, takeBackProbe: () => {}, failed: false };
  const told: string[] = [];
  const turns = new Turns(socket.asSocket(), new ReplyBytes(5000), { wrote: (last) => told.push(last ? 'last' : 'wrote'), caughtUp: () => told.push('caught up') });
  const exchanges = Array.from({ length: count }, (_, i) => new LaneExchange({ connection, target: '/p', headers: {}, bodyBytes: 0, requestId: String(i), writer: turns }));
  for (const exchange of exchanges) turns.add(exchange);
  /** Bodies of the answers that the client got. */
  const answers = (): string[] => socket.received.split(/HTTP\/1\.1 200 OK\r\n[^]*?\r\n\r\n/).slice(1);
  return { socket, turns, exchanges, told, answers };
}

test('answers go out in the order of their requests, and what waits is counted', () => {
  const { turns, exchanges: [first, second, third], told, answers } = setUp(3);
  third?.answer(reply('three'));
  second?.answer(reply('two'));
  assert.deepEqual([answers(), turns.unanswered, turns.heldBytes, second?.written], [[], 3, 8, false]);
  first?.answer(reply('one'));
  assert.deepEqual([answers(), turns.unanswered, turns.heldBytes, second?.written], [['one', 'two', 'three'], 0, 0, true]);
  assert.deepEqual(told, ['wrote', 'wrote', 'wrote', 'caught up']);
});

test('behind the last answer nothing is written, and the socket ends', async () => {
  const { socket, exchanges: [first, second], told, answers } = setUp(2);
  second?.answer(reply('two'));
  first?.answer(reply('one', { last: true }));
  await turn();
  assert.deepEqual([answers(), told, socket.destroyed], [['one'], ['last'], true]);
});

test('an early answer ends our side alone, in its turn', async () => {
  const { socket, exchanges: [first, second], answers } = setUp(2);
  let ended = 0;
  second?.answerEarly(reply('two', { last: true }), () => ended++);
  assert.deepEqual([ended, socket.writable], [0, true]);
  first?.answer(reply('one'));
  await turn();
  assert.deepEqual([answers(), ended, socket.writable, socket.destroyed], [['one', 'two'], 1, false, false]);
});

test('interim answers go to the request whose turn it is', () => {
  const { socket, exchanges: [first, second] } = setUp(2);
  second?.probe();
  assert.equal(socket.received, '');
  first?.probe();
  assert.equal(socket.received, 'HTTP/1.1 102 Processing\r\n\r\n');
});

test('nothing is written to a socket that is gone', () => {
  const { socket, exchanges: [first], told } = setUp(1);
  socket.destroy();
  first?.answer(reply('one'));
  assert.deepEqual([socket.received, told], ['', []]);
});
