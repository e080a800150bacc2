import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { type Connection, Connections, type OpenExchange } from '../../../../frontend/http/connections.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

/** As much of a socket as the door watches. */
class Ends extends EventEmitter {
  destroyed = false;
}

function open(connection: Connection, version = 1): { exchange: OpenExchange; probes: () => number; left: () => number } {
  let probes = 0;
  let left = 0;
  const exchange: OpenExchange = {
    state: 'waiting',
    request: { httpVersionMinor: version } as IncomingMessage,
    response: { socket: connection.socket, headersSent: false, writeProcessing: () => probes++ } as unknown as ServerResponse,
    leave: () => {
      left++;
      connection.open.splice(connection.open.indexOf(exchange), 1);
    },
  };
  connection.open.push(exchange);
  return { exchange, probes: () => probes, left: () => left };
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
  first.exchange.leave();
  clock.advance(10_000_000);
  assert.deepEqual([first.probes(), second.probes(), second.left(), clock.pending], [2, 8, 0, 0]);
});

test('nobody is looked at who waits for nothing, is gone, or would not understand', () => {
  const idle = setUp();
  idle.ends.emit('end');
  assert.equal(idle.clock.pending, 0);

  const gone = setUp();
  const waiting = open(gone.connection);
  gone.ends.emit('end');
  gone.ends.emit('close');
  assert.deepEqual([gone.clock.pending, waiting.left()], [0, 1]);

  const old = setUp();
  const http10 = open(old.connection, 0);
  old.ends.emit('end');
  old.clock.advance(10_000_000);
  assert.deepEqual([http10.probes(), http10.left()], [0, 0]);
});
