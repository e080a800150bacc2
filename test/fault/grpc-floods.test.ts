import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { UnaryCall } from '../../frontend/grpc/unary-call.ts';
import { openGrpc, type OpenGrpc } from '../support/grpc-client.ts';
import { usedBytes } from '../support/heap.ts';
import { turnsUntil } from '../support/turns-until.ts';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const FRAME = Object.freeze({ data: 0, headers: 1, reset: 3, settings: 4, ping: 6 });
const END_HEADERS = 0x4;
const CALL = Object.freeze({ ':method': 'POST', ':path': '/a.B/Ask', 'content-type': 'application/grpc', te: 'trailers' });
/** A message of four bytes, with the five in front of it that gRPC has. */
const MESSAGE = Buffer.from([0, 0, 0, 0, 4, 1, 2, 3, 4]);
/** Nothing of a flood may stay; this much is the noise of two collections. */
const NOISE_BYTES = 4 * 1024 * 1024;

/** Answers what is asked, but for calls whose message begins with a zero: those wait for ever. */
function answering(): { services: Parameters<typeof openGrpc>[0]; gone: () => number } {
  let gone = 0;
  const handle = (call: UnaryCall): void => {
    call.onGone(() => { gone++; });
    if (call.message[0] !== 0) call.answer(call.message);
  };
  return { services: { services: [{ name: 'a.B', proto: 'health.proto', methods: { Ask: { kind: 'unary', handle } } }] }, gone: () => gone };
}

async function asksWell(grpc: OpenGrpc): Promise<void> {
  const { code, message } = await grpc.call('/a.B/Ask', Buffer.from('neighbour'));
  assert.deepEqual([code, message?.toString()], [status.OK, 'neighbour']);
}

function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** The headers of a call in HPACK, nothing of them indexed but what is in the static table (RFC 7541, appendix A). */
function callHeaders(): Buffer {
  const literal = (name: string, value: string): Buffer => Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]);
  return Buffer.concat([Buffer.from([0x83, 0x86]), literal(':path', '/a.B/Ask'), literal('content-type', 'application/grpc'), literal('te', 'trailers')]);
}

/** A client that writes frames as they are. `closed` once the door has had enough of it. */
async function rawClient(port: number): Promise<{ socket: Socket; closed: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  const closed = new Promise<unknown>((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  socket.resume();
  socket.write(Buffer.concat([PREFACE, frame(FRAME.settings, 0, 0)]));
  return { socket, closed };
}

/** Writes it so often, or until the door closes the connection. */
async function flood(socket: Socket, piece: (i: number) => Buffer, times: number): Promise<void> {
  for (let i = 0; i < times && !socket.destroyed; i++) {
    if (!socket.write(piece(i))) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
  }
}

test('rapid reset: a connection that opens and resets calls without end is closed, and neighbours are answered', async () => {
  const { services, gone } = answering();
  const grpc = await openGrpc(services);
  await asksWell(grpc);
  const before = usedBytes();
  const headers = callHeaders();
  const { socket, closed } = await rawClient(grpc.port);
  await flood(socket, (i) => Buffer.concat([
    frame(FRAME.headers, END_HEADERS, 2 * i + 1, headers), frame(FRAME.data, 0, 2 * i + 1, Buffer.from([0, 0, 0, 0, 4, 0])), frame(FRAME.reset, 0, 2 * i + 1, Buffer.from([0, 0, 0, 8])),
  ]), 20_000);
  await closed;
  await asksWell(grpc);
  assert.equal(grpc.door.open, 0);
  assert.ok(gone() <= 20_000);
  assert.ok(usedBytes() - before < NOISE_BYTES);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});

for (const [what, piece] of [
  ['pings', () => frame(FRAME.ping, 0, 0, Buffer.alloc(8, 7))],
  ['settings', () => frame(FRAME.settings, 0, 0, Buffer.from([0, 3, 0, 0, 0, 9]))],
] as const) {
  test(`a flood of ${what} whose answers are not read is cut off, and neighbours are answered`, async () => {
    const grpc = await openGrpc(answering().services);
    await asksWell(grpc);
    const before = usedBytes();
    const { socket, closed } = await rawClient(grpc.port);
    socket.pause();
    const many = Buffer.concat(Array.from({ length: 500 }, piece));
    const flooded = flood(socket, () => many, 20_000);
    await asksWell(grpc);
    await Promise.all([flooded, closed]);
    await asksWell(grpc);
    assert.ok(usedBytes() - before < NOISE_BYTES);
    assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
  });
}

test('a thousand calls on one connection: as many are open as may, each is answered, and neighbours meanwhile', async () => {
  const grpc = await openGrpc({ ...answering().services, limits: { messageBytes: 4096, openMessageBytes: 1 << 20, streams: 100, connections: 10, stallMs: 60_000 } });
  const session = connectHttp2(`http://127.0.0.1:${grpc.port}`);
  await once(session, 'remoteSettings');
  assert.equal(session.remoteSettings.maxConcurrentStreams, 100);
  const answers = Array.from({ length: 1000 }, () => {
    const stream = session.request(CALL);
    stream.end(MESSAGE);
    return new Promise<string>((resolve) => {
      stream.on('trailers', (trailers) => resolve(String(trailers['grpc-status'])));
      stream.on('close', () => resolve('closed'));
      stream.resume();
    });
  });
  await asksWell(grpc);
  assert.deepEqual(new Set(await Promise.all(answers)), new Set(['0']));
  await new Promise<void>((resolve) => session.close(resolve));
  assert.equal(grpc.door.open, 0);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});

test('a client that goes in the middle of its messages leaves nothing behind', async () => {
  const { services, gone } = answering();
  const grpc = await openGrpc(services);
  await asksWell(grpc);
  const before = usedBytes();
  const session = connectHttp2(`http://127.0.0.1:${grpc.port}`).on('error', () => {});
  for (let i = 0; i < 50; i++) {
    const stream = session.request(CALL).on('error', () => {});
    // Whole ones that wait for their answer, and ones that are cut in the middle.
    stream.write(i % 2 === 0 ? Buffer.from([0, 0, 0, 0, 4, 0, 0, 0, 0]) : Buffer.concat([Buffer.from([0, 0, 0, 15, 0]), Buffer.alloc(2000)]));
    if (i % 2 === 0) stream.end();
  }
  await turnsUntil(() => grpc.door.open >= 25);
  session.destroy(undefined, constants.NGHTTP2_CANCEL);
  await turnsUntil(() => grpc.door.open === 0);
  assert.equal(gone(), 25);
  await asksWell(grpc);
  assert.ok(usedBytes() - before < NOISE_BYTES);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});

test('a message that is too large is refused by what it says of its length, before it comes', async () => {
  const grpc = await openGrpc(answering().services);
  const session = connectHttp2(`http://127.0.0.1:${grpc.port}`).on('error', () => {});
  const stream = session.request(CALL).on('error', () => {});
  stream.write(Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]));
  const code = new Promise<string>((resolve) => {
    stream.on('response', (headers) => headers['grpc-status'] !== undefined && resolve(String(headers['grpc-status'])));
    stream.on('trailers', (trailers) => resolve(String(trailers['grpc-status'])));
  });
  assert.equal(Number(await code), status.RESOURCE_EXHAUSTED);
  session.destroy();
  await asksWell(grpc);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});

test('messages that come in part hold no more than they may together: further ones are refused in words, and neighbours are answered', async () => {
  const partBytes = 32 * 1024;
  const grpc = await openGrpc({ ...answering().services, limits: { messageBytes: 65_536, openMessageBytes: 1 << 20, streams: 100, connections: 10, stallMs: 60_000 } });
  const most = Math.floor((1 << 20) / partBytes);
  const before = usedBytes();
  const sessions = Array.from({ length: 4 }, () => connectHttp2(`http://127.0.0.1:${grpc.port}`));
  const part = Buffer.concat([Buffer.from([0, 0, 0, 0xea, 0x60]), Buffer.alloc(partBytes)]);
  const said: unknown[] = [];
  await new Promise<void>((resolve) => {
    for (const session of sessions) {
      for (let left = 100; left > 0; left--) {
        const stream = session.request(CALL).on('error', () => {});
        stream.on('response', (headers) => {
          if (said.push(`${String(headers['grpc-status'])} ${decodeURI(String(headers['grpc-message']))}`) === 400 - most) resolve();
        });
        stream.write(part);
      }
    }
  });
  assert.deepEqual(new Set(said), new Set([`${status.RESOURCE_EXHAUSTED} The messages of open calls hold as much memory as they may.`]));
  await asksWell(grpc);
  assert.ok(usedBytes() - before < (1 << 20) + NOISE_BYTES);
  assert.ok(grpc.meter.value('tradewind_refused_total', { code: 'overloaded' }) >= 400 - most);
  for (const session of sessions) session.destroy();
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});
