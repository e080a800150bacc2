import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { test, type TestContext } from 'node:test';
import { status } from '@grpc/grpc-js';
import { framed } from '../../frontend/grpc/message-frame.ts';
import { REFLECTION_METHODS } from '../../frontend/grpc/reflection.ts';
import type { GrpcService } from '../../frontend/grpc/service.ts';
import { ProtoWriter } from '../../protos/protobuf.ts';
import { openGrpc, type OpenGrpc } from '../support/grpc-client.ts';
import { turnsUntil } from '../support/turns-until.ts';

const ANSWER_BYTES = 64 * 1024;
const MOST_BYTES = 4 * ANSWER_BYTES * 8;
const LIMITS = Object.freeze({ messageBytes: 4096, openMessageBytes: MOST_BYTES, streams: 100, connections: 10, stallMs: 60_000 });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** With an error or without. */
const closed = (what: EventEmitter): Promise<void> => new Promise((resolve) => what.once('close', resolve));

/** Answers each message with a large one. */
const LARGE: GrpcService = {
  name: 'a.B', proto: 'health.proto', methods: {
    Ask: { kind: 'unary', handle: (call) => call.answer(Buffer.alloc(ANSWER_BYTES)) },
    Talk: { kind: 'stream', handle: (call) => call.watch({ message: () => void call.send(Buffer.alloc(ANSWER_BYTES)), ended: () => call.end(), gone: () => {}, drain: () => call.end() }) },
  },
};

/** A client that takes no byte of any answer: its windows are shut. */
class Unreading {
  readonly session: ClientHttp2Session;

  constructor({ port }: OpenGrpc) {
    this.session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } }).on('error', () => {});
  }

  begin(path: string): ClientHttp2Stream {
    return this.session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' }, { endStream: false }).on('error', () => {});
  }

  /** What it is told before any answer: the status of one that is refused, nothing of one that waits. */
  ask(): Promise<unknown> {
    const stream = this.begin('/a.B/Ask');
    stream.end(framed(Buffer.alloc(1)));
    return new Promise((resolve) => stream.on('response', (headers) => resolve(headers['grpc-status'])).on('close', () => resolve('closed')));
  }
}

async function opened(t: TestContext, limits: { readonly stallMs?: number } = {}): Promise<OpenGrpc> {
  const grpc = await openGrpc({ services: [LARGE], limits: { ...LIMITS, ...limits } });
  t.after(async () => assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 }));
  return grpc;
}

async function readsWell(grpc: OpenGrpc): Promise<void> {
  const { code, message } = await grpc.call('/a.B/Ask', Buffer.alloc(1));
  assert.deepEqual([code, message?.length], [status.OK, ANSWER_BYTES]);
}

const dropped = ({ meter }: OpenGrpc, why: string): number => meter.value('tradewind_grpc_unread_total', { why });

test('a connection that leaves its answers unread gets no more than its share of memory, and neighbours are answered', async (t) => {
  const grpc = await opened(t);
  const client = new Unreading(grpc);
  const told = await Promise.all(Array.from({ length: 20 }, () => client.ask()));
  const refused = told.filter((code) => code === String(status.RESOURCE_EXHAUSTED)).length;
  assert.deepEqual([refused, dropped(grpc, 'connection_full')], [12, 12]);
  assert.ok(grpc.door.heldBytes > 8 * ANSWER_BYTES && grpc.door.heldBytes < 9 * ANSWER_BYTES);
  await readsWell(grpc);
  client.session.destroy();
  await turnsUntil(() => grpc.door.heldBytes === 0);
});

test('where all connections together leave too much unread, those that leave most are ended, and neighbours are answered', async (t) => {
  const grpc = await opened(t);
  const clients = Array.from({ length: 6 }, () => new Unreading(grpc));
  const ended = clients.map(({ session }) => closed(session));
  for (const client of clients) await Promise.all(Array.from({ length: 8 }, () => client.ask()));
  await Promise.race(ended);
  assert.ok(dropped(grpc, 'door_full') >= 1);
  assert.ok(grpc.door.heldBytes <= MOST_BYTES + 9 * ANSWER_BYTES);
  await readsWell(grpc);
  for (const { session } of clients) session.destroy();
  await turnsUntil(() => grpc.door.heldBytes === 0);
});

test('a stream on which nothing moves for too long is reset, and frees what it held, while its connection goes on', async (t) => {
  const grpc = await opened(t, { stallMs: 200 });
  const client = new Unreading(grpc);
  const stream = client.begin('/a.B/Ask');
  stream.end(framed(Buffer.alloc(1)));
  await closed(stream);
  assert.deepEqual([stream.rstCode, client.session.destroyed, dropped(grpc, 'stalled')], [constants.NGHTTP2_ENHANCE_YOUR_CALM, false, 1]);
  await turnsUntil(() => grpc.door.heldBytes === 0);
  client.session.destroy();
});

test('a stream of messages whose answers are not read is reset where they are more than its connection may leave', async (t) => {
  const grpc = await opened(t);
  const client = new Unreading(grpc);
  const stream = client.begin('/a.B/Talk');
  for (let i = 0; i < 20; i++) stream.write(framed(Buffer.alloc(1)));
  await closed(stream);
  assert.deepEqual([stream.rstCode, dropped(grpc, 'connection_full')], [constants.NGHTTP2_ENHANCE_YOUR_CALM, 1]);
  await turnsUntil(() => grpc.door.heldBytes === 0);
  await readsWell(grpc);
  client.session.destroy();
  await turnsUntil(() => grpc.door.open === 0);
});

test('reflection reads on only while its answers are read', async (t) => {
  const grpc = await openGrpc({ services: [{ ...LARGE, name: 'inference.GRPCInferenceService', proto: 'open_inference.proto' }], limits: { ...LIMITS, openMessageBytes: 1 << 30 } });
  t.after(() => grpc.end());
  const client = new Unreading(grpc);
  const stream = client.begin(String(REFLECTION_METHODS[0]));
  const asked = framed(new ProtoWriter().text(4, 'inference.GRPCInferenceService').bytes);
  // The client may write until its own window is shut, that is until nobody reads.
  for (let bytes = 0; bytes < 1 << 18; bytes += asked.length) stream.write(asked);
  let before = -1;
  for (let still = 0; still < 50; await turn()) {
    still = before > 0 && grpc.door.heldBytes === before ? still + 1 : 0;
    before = grpc.door.heldBytes;
  }
  assert.ok(before > 0 && before < 64 * 20_000, `${before} bytes`);
  client.session.destroy();
  await turnsUntil(() => grpc.door.heldBytes === 0);
});
