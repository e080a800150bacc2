import assert from 'node:assert/strict';
import { test } from 'node:test';
import { part } from '../../../../../frontend/http/exchange/part.ts';
import { LaneSocket, turn } from '../../../../support/lane-socket.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';

function setUp(): { socket: LaneSocket; clock: VirtualClock; heard: string[] } {
  const socket = new LaneSocket();
  const heard: string[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
  return { socket, clock: new VirtualClock(), heard };
}

test('our side ends behind what was written, and what still comes is read and is nobody\'s', async () => {
  const { socket, clock, heard } = setUp();
  socket.pause();
  socket.write('the answer');
  part(socket.asSocket(), clock);
  await socket.send('another request');
  assert.deepEqual([socket.received, socket.writable, socket.destroyed, socket.readableLength, heard], ['the answer', false, false, 0, []]);
  await socket.leave();
  assert.deepEqual([socket.destroyed, clock.pending], [true, 0]);
});

test('who does not end its side is cut a second after the answer is out, and not before it is', async () => {
  const { socket, clock } = setUp();
  socket.stuck = true;
  socket.write('the answer');
  part(socket.asSocket(), clock);
  await turn();
  clock.advance(5_000_000);
  assert.deepEqual([socket.destroyed, clock.pending], [false, 0]);
  socket.stuck = false;
  await turn();
  clock.advance(999_999);
  assert.equal(socket.destroyed, false);
  clock.advance(1);
  await turn();
  assert.deepEqual([socket.destroyed, clock.pending], [true, 0]);
});

test('a side that has ended, and a socket that is gone, are no more to be ended', async () => {
  const { socket, clock } = setUp();
  socket.end();
  await turn();
  part(socket.asSocket(), clock);
  assert.equal(clock.pending, 1);
  socket.destroy();
  await turn();
  part(socket.asSocket(), clock);
  assert.equal(clock.pending, 0);
});
