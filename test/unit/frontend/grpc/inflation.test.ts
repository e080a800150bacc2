import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session } from 'node:http2';
import { test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { TOO_MUCH_HELD } from '../../../../frontend/grpc/open-messages.ts';
import type { StreamCall } from '../../../../frontend/grpc/stream-call.ts';
import type { UnaryCall } from '../../../../frontend/grpc/unary-call.ts';
import { openGrpc, type OpenGrpc } from '../../../support/grpc-client.ts';

const MESSAGE_BYTES = 100_000;
const MOST_BYTES = 300_000;

/** Says of each message how long it is. */
function telling(): Parameters<typeof openGrpc>[0] {
  const length = (message: Buffer): Buffer => Buffer.from(`${message.length};`);
  const talk = (call: StreamCall): void => call.watch({ message: (message) => void call.send(length(message)), ended: () => call.end(), gone: () => {}, drain: () => call.end() });
  const ask = (call: UnaryCall): void => call.answer(length(call.message));
  return {
    services: [{ name: 'a.B', proto: 'health.proto', methods: { Ask: { kind: 'unary', handle: ask }, Talk: { kind: 'stream', handle: talk } } }],
    limits: { messageBytes: MESSAGE_BYTES, openMessageBytes: MOST_BYTES, streams: 100, connections: 10 },
  };
}

function framed(bytes: Buffer, isPacked: boolean): Buffer {
  const prefix = Buffer.from([Number(isPacked), 0, 0, 0, 0]);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}

const zipped = (length: number): Buffer => framed(gzipSync(Buffer.alloc(length)), true);

interface Asked {
  /** Lengths of its messages as the service had them, and the status. */
  readonly said: Promise<readonly [lengths: string, status: number, message: string]>;
  leave(): void;
}

function ask(session: ClientHttp2Session, messages: readonly Buffer[], { method = 'Ask', encoding = 'gzip', ends = true } = {}): Asked {
  const stream = session.request({ ':method': 'POST', ':path': `/a.B/${method}`, 'content-type': 'application/grpc', te: 'trailers', 'grpc-encoding': encoding }, { endStream: false });
  const answers: Buffer[] = [];
  let [code, message] = [-1, ''];
  const see = (headers: Readonly<Record<string, unknown>>): void => {
    if (headers['grpc-status'] !== undefined) [code, message] = [Number(headers['grpc-status']), decodeURIComponent(String(headers['grpc-message']))];
  };
  stream.on('error', () => {}).on('response', see).on('trailers', see).on('data', (chunk: Buffer) => answers.push(chunk));
  const said = once(stream, 'close').then(() => [Buffer.concat(answers).toString('latin1').replace(/[^0-9;]/g, ''), code, message] as const);
  for (const one of messages) stream.write(one);
  if (ends) stream.end();
  return { said, leave: () => stream.close(constants.NGHTTP2_CANCEL) };
}

async function opened(use: (session: ClientHttp2Session, grpc: OpenGrpc) => Promise<void>): Promise<void> {
  const grpc = await openGrpc(telling());
  const session = connect(`http://127.0.0.1:${grpc.port}`);
  await use(session, grpc);
  while (grpc.door.heldBytes > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(grpc.door.heldBytes, 0, 'nothing stays counted, and nothing was taken off twice');
  session.destroy();
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
}

test('packed messages are what they were, of calls and of streams, beside others that are not packed', () => opened(async (session) => {
  assert.deepEqual(await ask(session, [zipped(90_000)]).said, ['90000;', status.OK, 'OK']);
  assert.deepEqual(await ask(session, [framed(deflateSync(Buffer.alloc(90_000)), true)], { encoding: 'deflate' }).said, ['90000;', status.OK, 'OK']);
  assert.deepEqual(await ask(session, [framed(Buffer.alloc(500), false)]).said, ['500;', status.OK, 'OK']);
  const several = [zipped(90_000), zipped(10), framed(Buffer.alloc(7), false), zipped(80_000), zipped(90_000)];
  assert.deepEqual(await ask(session, several, { method: 'Talk' }).said, ['90000;10;7;80000;90000;', status.OK, 'OK']);
}));

test('a message that cannot be inflated, or is too long then, ends its call as the library does', () => opened(async (session) => {
  assert.deepEqual(await ask(session, [framed(Buffer.from([1, 2, 3]), true)]).said, ['', status.INTERNAL, 'Failed to decompress message']);
  assert.deepEqual(await ask(session, [zipped(MESSAGE_BYTES + 1)]).said, ['', status.RESOURCE_EXHAUSTED, `Received message that decompresses to a size larger than ${MESSAGE_BYTES}`]);
  assert.deepEqual(await ask(session, [zipped(1)], { encoding: 'snappy' }).said, ['', status.UNIMPLEMENTED, 'Received message compressed with unsupported encoding "snappy"']);
}));

test('small messages that come to much together are refused, also where their callers never say that this is all', () => opened(async (session, grpc) => {
  const kept = Array.from({ length: 3 }, () => ask(session, [zipped(90_000)], { ends: false }));
  while (grpc.door.heldBytes < 3 * 90_000) await new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 3; i++) assert.deepEqual(await ask(session, [zipped(90_000)]).said, ['', status.RESOURCE_EXHAUSTED, TOO_MUCH_HELD]);
  assert.ok(grpc.door.heldBytes <= MOST_BYTES, `${grpc.door.heldBytes} bytes`);
  assert.equal(grpc.meter.value('tradewind_refused_total', { code: 'overloaded' }), 3);
  for (const one of kept) one.leave();
  await Promise.all(kept.map(({ said }) => said));
  while (grpc.door.heldBytes > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(await ask(session, [zipped(90_000)]).said, ['90000;', status.OK, 'OK'], 'there is room again');
}));
