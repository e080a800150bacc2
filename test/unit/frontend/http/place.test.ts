import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../../frontend/http/exchange/exchange.ts';
import { type Begun, Place } from '../../../../frontend/http/place.ts';
import { appView } from '../../../support/http-door.ts';
import { connectionOf, exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../support/http-doubles.ts';

const SOCKET = new SocketDouble();

function begunOn(connection: Connection, request = new RequestDouble(SOCKET)): Begun {
  return {
    exchange: exchangeOf(request, new ResponseDouble(SOCKET), connection), app: appView('a', undefined), arrivedAtMicros: 5,
    reader: undefined, sloMs: undefined, wantsBinary: false,
  };
}

test('a place serves one request after another, and hears only of its own', () => {
  const heard: string[] = [];
  const place = new Place(3, {
    chunk: (_, chunk) => heard.push(chunk.toString()),
    bodyEnd: (of) => heard.push(`end of ${of.slot}`),
    bodyBroken: (of) => heard.push(`${of.slot} broken`),
    left: (of) => of.finish(),
  });
  const connection = connectionOf(SOCKET);
  const first = new RequestDouble(SOCKET);
  place.begin(begunOn(connection, first));
  assert.deepEqual([place.state, connection.open], ['body', [place]]);
  first.emit('data', Buffer.from('one'));
  place.leave();
  assert.deepEqual([place.state, connection.open], ['free', []]);
  const second = new RequestDouble(SOCKET);
  place.begin(begunOn(connection, second));
  first.emit('data', Buffer.from('late'));
  first.emit('end');
  second.emit('data', Buffer.from('two'));
  second.emit('end');
  assert.deepEqual(heard, ['one', 'two', 'end of 3']);
});

test('a free place has no request', () => {
  const place = new Place(1, { chunk: () => {}, bodyEnd: () => {}, bodyBroken: () => {}, left: () => {} });
  assert.throws(() => place.begun, /slot 1 is free/);
});

test('it takes itself out of its connection, wherever it stands there', () => {
  const owner = { chunk: () => {}, bodyEnd: () => {}, bodyBroken: () => {}, left: () => {} };
  const connection = connectionOf(SOCKET);
  const places = [0, 1, 2].map((slot) => new Place(slot, owner));
  for (const place of places) place.begin(begunOn(connection));
  places[1]?.finish();
  assert.deepEqual(connection.open, [places[0], places[2]]);
});
