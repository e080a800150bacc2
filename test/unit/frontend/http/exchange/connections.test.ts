import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { Connections } from '../../../../../frontend/http/exchange/connections.ts';
import type { Connection, OpenRequest } from '../../../../../frontend/http/exchange/exchange.ts';
import { exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../../support/http-doubles.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';

/** As much of a socket as the door watches. */
class Ends extends EventEmitter {
  destroyed = false;
}

function open(connection: Connection): { request: OpenRequest; probes: () => number; left: () => number } {
  const socket = new SocketDouble();
  const response = new ResponseDouble(socket);
  let left = 0;
  const request: OpenRequest = {
    state: 'waiting',
    exchange: exchangeOf(new RequestDouble(socket), response, connection),
    leave: () => {
      left++;
      connection.open.splice(connection.open.indexOf(request), 1);
    },
  };
  connection.open.push(request);
  return { request, probes: () => response.interim, left: () => left };
}

function setUp(): { clock: VirtualClock; connections: Connections; ends: Ends; connection: Connection } {
  const clock = new VirtualClock();
  const connections = new Connections(clock);
  const ends = new Ends();
  return { clock, connections, ends, connection: connections.of(ends as unknown as Socket) };
}

test('a socket has one connection until it closes', async () => {
  const { connections, ends, connection } = setUp();
  assert.equal(connections.of(ends as unknown as Socket), connection);
  const closed = connections.allClosed();
  ends.emit('close');
  await closed;
  await connections.allClosed();
  assert.notEqual(connections.of(ends as unknown as Socket), connection);
});

test('a socket that did not come by the port is known as long as somebody asks, and nobody waits for it', async () => {
  const { connections, ends, connection } = setUp();
  assert.equal(connections.find(ends as unknown as Socket), connection);
  const other = new Ends() as unknown as Socket;
  assert.notEqual(connections.find(other), connections.find(other));
  ends.emit('close');
  await connections.allClosed();
});

test('when it closes, everything that is open leaves', () => {
  const { ends, connection } = setUp();
  const [first, second] = [open(connection), open(connection)];
  ends.emit('close');
  assert.deepEqual([first.left(), second.left(), connection.open.length], [1, 1, 0]);
});

test('a client that closed its side is looked at again and again, the oldest request first, and kept while it lives', () => {
  const { clock, ends, connection } = setUp();
  const [first, second] = [open(connection), open(connection)];
  ends.emit('end');
  clock.advance(9_999);
  assert.equal(first.probes(), 0);
  clock.advance(1);
  clock.advance(2000);
  assert.deepEqual([first.probes(), second.probes()], [2, 0]);
  first.request.leave();
  clock.advance(10_000_000);
  assert.deepEqual([first.probes(), second.probes(), second.left(), clock.pending], [2, 8, 0, 0]);
});

test('nobody is looked at who waits for nothing, or is gone', () => {
  const idle = setUp();
  idle.ends.emit('end');
  assert.equal(idle.clock.pending, 0);

  const gone = setUp();
  const waiting = open(gone.connection);
  gone.ends.emit('end');
  gone.ends.emit('close');
  assert.deepEqual([gone.clock.pending, waiting.left()], [0, 1]);
});
