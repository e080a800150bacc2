import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { StreamCall } from '../../../../frontend/grpc/stream-call.ts';
import type { UnaryCall } from '../../../../frontend/grpc/unary-call.ts';
import { WireError } from '../../../../protos/wire.ts';
import { openGrpc } from '../../../support/grpc-client.ts';
import { turnsUntil } from '../../../support/turns-until.ts';

const service = (unary: (call: UnaryCall) => void, stream: (call: StreamCall) => void = () => {}) => ({
  name: 'a.B', proto: 'health.proto', methods: { Ask: { kind: 'unary' as const, handle: unary }, Talk: { kind: 'stream' as const, handle: stream } },
});

test('bytes go in and out as they are, with metadata both ways', async () => {
  const grpc = await openGrpc({ services: [service((call) => call.answer(Buffer.concat([call.message, Buffer.from(call.header('x-word') ?? '')]), [['tradewind-source', 'model']]))] });
  const { message, code, trailers } = await grpc.call('/a.B/Ask', Buffer.from('hey '), { headers: { 'x-word': 'you' } });
  assert.deepEqual([message?.toString(), code, trailers['tradewind-source']], ['hey you', status.OK, 'model']);
  assert.equal((await grpc.call('/a.B/Nothing', Buffer.alloc(0))).code, status.UNIMPLEMENTED);
  assert.equal((await grpc.call('/a.B/Ask', Buffer.alloc(5000))).code, status.RESOURCE_EXHAUSTED);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});

test('bytes that are no message are the caller\'s fault, anything else thrown is ours, and the next call goes on', async () => {
  const grpc = await openGrpc({ services: [service((call) => {
    if (call.message.length === 1) throw new WireError('not that');
    throw new Error('secret');
  })] });
  const wrong = await grpc.call('/a.B/Ask', Buffer.alloc(1));
  assert.deepEqual([wrong.code, wrong.details], [status.INVALID_ARGUMENT, 'not that']);
  const broken = await grpc.call('/a.B/Ask', Buffer.alloc(2));
  assert.deepEqual([broken.code, broken.details, grpc.faults.length], [status.INTERNAL, 'A fault of the broker.', 1]);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});

test('a caller that goes away is told to the service, once', async () => {
  let gone = 0;
  let leave = (): void => {};
  const grpc = await openGrpc({ services: [service((call) => {
    call.onGone(() => gone++);
    leave();
  })] });
  const code = await new Promise((resolve) => {
    const asked = grpc.client.makeUnaryRequest('/a.B/Ask', (bytes: Buffer) => bytes, (bytes: Buffer) => bytes, Buffer.alloc(1), (error) => resolve(error?.code));
    leave = () => asked.cancel();
  });
  assert.equal(code, status.CANCELLED);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
  assert.deepEqual([gone, grpc.door.open], [1, 0]);
});

test('a stop ends streams that ask to be ended, and cuts calls that are not answered in time', async () => {
  const grpc = await openGrpc({ services: [service(() => {}, (call) => call.watch({ message: (message) => call.send(message), ended: () => call.end(), gone: () => {}, drain: () => call.end() }))] });
  const talk = grpc.stream('/a.B/Talk');
  talk.send(Buffer.from('one'));
  assert.equal((await talk.next()).toString(), 'one');
  const never = grpc.call('/a.B/Ask', Buffer.alloc(0));
  await turnsUntil(() => grpc.door.open >= 2);
  const lost = grpc.door.close(50);
  assert.equal(await talk.ended, status.OK);
  assert.equal(await lost, 1);
  assert.notEqual((await never).code, status.OK);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});

test('whole messages of callers that never say that this is all count, too: further ones are refused', async () => {
  const grpc = await openGrpc({ services: [service((call) => call.answer(call.message))], limits: { messageBytes: 4096, openMessageBytes: 10_000, streams: 100, connections: 10, stallMs: 60_000 } });
  const session = connect(`http://127.0.0.1:${grpc.port}`);
  const message = Buffer.concat([Buffer.from([0, 0, 0, 16, 0]), Buffer.alloc(4096)]);
  const begin = () => {
    const stream = session.request({ ':method': 'POST', ':path': '/a.B/Ask', 'content-type': 'application/grpc', te: 'trailers' }, { endStream: false }).on('error', () => {});
    stream.write(message);
    return stream;
  };
  const kept = [begin(), begin()];
  await turnsUntil(() => grpc.door.heldBytes >= 2 * message.length);
  const refused = await new Promise<unknown>((resolve) => begin().on('response', (headers) => resolve(headers['grpc-status'])));
  assert.equal(Number(refused), status.RESOURCE_EXHAUSTED);
  for (const stream of kept) stream.end();
  await turnsUntil(() => grpc.door.heldBytes === 0);
  assert.equal((await grpc.call('/a.B/Ask', Buffer.alloc(4000))).code, status.OK);
  session.destroy();
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});
