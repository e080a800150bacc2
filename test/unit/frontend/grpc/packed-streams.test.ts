import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { framed } from '../../../../frontend/grpc/message-frame.ts';
import type { StreamCall } from '../../../../frontend/grpc/stream-call.ts';
import { openGrpc, type OpenGrpc } from '../../../support/grpc-client.ts';
import { RawGrpc } from '../../../support/raw-grpc.ts';

const PATH = '/a.B/Talk';
const MESSAGE_BYTES = 100_000;
const MOST_BYTES = 300_000;
const GZIP = Object.freeze({ 'grpc-encoding': 'gzip' });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Says of each message how long it is. */
async function opened(use: (client: RawGrpc, grpc: OpenGrpc) => Promise<void>): Promise<void> {
  const talk = (call: StreamCall): void => call.watch({ message: (message) => void call.send(Buffer.from(`${message.length};`)), ended: () => call.end(), gone: () => {}, drain: () => call.end() });
  const grpc = await openGrpc({ services: [{ name: 'a.B', proto: 'health.proto', methods: { Talk: { kind: 'stream', handle: talk } } }], limits: { messageBytes: MESSAGE_BYTES, openMessageBytes: MOST_BYTES, streams: 100, connections: 10 } });
  const client = new RawGrpc(grpc.port);
  await use(client, grpc);
  while (grpc.door.heldBytes > 0) await turn();
  assert.equal(grpc.door.heldBytes, 0, 'nothing stays counted, and nothing was taken off twice');
  client.close();
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
}

function zipped(length: number): Buffer {
  const frame = framed(gzipSync(Buffer.alloc(length)));
  frame[0] = 1;
  return frame;
}

test('packed messages of a stream come in their order, beside others that are not packed', () => opened(async (client) => {
  const { code, body } = await client.ask(PATH, [zipped(90_000), zipped(10), framed(Buffer.alloc(7)), zipped(80_000), zipped(90_000)], GZIP);
  assert.deepEqual([code, body.toString('latin1').replace(/[^0-9;]/g, '')], [status.OK, '90000;10;7;80000;90000;']);
}));

test('a stream with a message that cannot be inflated, or is too long then, ends as by the library', () => opened(async (client) => {
  const noise = framed(Buffer.from([1, 2, 3]));
  noise[0] = 1;
  const broken = await client.ask(PATH, [noise], GZIP);
  assert.deepEqual([broken.code, broken.text], [status.INTERNAL, 'Failed to decompress message']);
  const long = await client.ask(PATH, [zipped(MESSAGE_BYTES + 1)], GZIP);
  assert.deepEqual([long.code, long.text], [status.RESOURCE_EXHAUSTED, `Received message that decompresses to a size larger than ${MESSAGE_BYTES}`]);
}));

test('what is inflated for callers that leave meanwhile is let go', () => opened(async (client, grpc) => {
  const left = Array.from({ length: 20 }, () => client.begin(PATH, GZIP));
  for (const { stream } of left) for (let times = 3; times > 0; times--) stream.write(zipped(90_000));
  while (grpc.door.open < left.length) await turn();
  for (const asked of left) asked.leave();
  await Promise.all(left.map(({ outcome }) => outcome));
}));
