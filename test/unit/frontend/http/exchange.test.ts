import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { Connection } from '../../../../frontend/http/connections.ts';
import { Exchange } from '../../../../frontend/http/exchange.ts';
import { appView } from '../../../support/http-door.ts';

function begunOn(connection: Connection, request: EventEmitter) {
  return {
    request: request as IncomingMessage, response: {} as ServerResponse, connection, requestId: 'r', app: appView('a', undefined), arrivedAtMicros: 5,
    reader: undefined, sloMs: undefined, wantsBinary: false,
  };
}

test('a place serves one request after another, and hears only of its own', () => {
  const heard: string[] = [];
  const exchange = new Exchange(3, {
    chunk: (_, chunk) => heard.push(chunk.toString()),
    bodyEnd: (of) => heard.push(`end of ${of.slot}`),
    left: (of) => of.finish(),
  });
  const connection: Connection = { socket: {} as Socket, open: [], latest: undefined, takeBackProbe: () => {}, failed: false };
  const first = new EventEmitter();
  exchange.begin(begunOn(connection, first));
  assert.deepEqual([exchange.state, connection.open], ['body', [exchange]]);
  first.emit('data', Buffer.from('one'));
  exchange.leave();
  assert.deepEqual([exchange.state, connection.open], ['free', []]);
  const second = new EventEmitter();
  exchange.begin(begunOn(connection, second));
  first.emit('data', Buffer.from('late'));
  first.emit('end');
  second.emit('data', Buffer.from('two'));
  second.emit('end');
  assert.deepEqual(heard, ['one', 'two', 'end of 3']);
});

test('a free place has no request', () => {
  const exchange = new Exchange(1, { chunk: () => {}, bodyEnd: () => {}, left: () => {} });
  assert.throws(() => exchange.begun, /slot 1 is free/);
});

test('it takes itself out of its connection, wherever it stands there', () => {
  const owner = { chunk: () => {}, bodyEnd: () => {}, left: () => {} };
  const connection: Connection = { socket: {} as Socket, open: [], latest: undefined, takeBackProbe: () => {}, failed: false };
  const places = [0, 1, 2].map((slot) => new Exchange(slot, owner));
  for (const place of places) place.begin(begunOn(connection, new EventEmitter()));
  places[1]?.finish();
  assert.deepEqual(connection.open, [places[0], places[2]]);
});
