import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { framed } from '../../../../frontend/grpc/message-frame.ts';
import type { StreamCall } from '../../../../frontend/grpc/stream-call.ts';
import { GZIP, MESSAGE_BYTES, packed, withDoor, zipped } from '../../../support/packed-grpc.ts';
import { turnsUntil } from '../../../support/turns-until.ts';

const PATH = '/a.B/Talk';

/** Says of each message how long it is. */
const talk = (call: StreamCall): void => call.watch({ message: (message) => void call.send(Buffer.from(`${message.length};`)), ended: () => call.end(), gone: () => {}, drain: () => call.end() });
const opened = (use: Parameters<typeof withDoor>[1]): Promise<void> => withDoor({ Talk: { kind: 'stream', handle: talk } }, use);

test('packed messages of a stream come in their order, beside others that are not packed', () => opened(async (client) => {
  const { code, body } = await client.ask(PATH, [zipped(90_000), zipped(10), framed(Buffer.alloc(7)), zipped(80_000), zipped(90_000)], GZIP);
  assert.deepEqual([code, body.toString('latin1').replace(/[^0-9;]/g, '')], [status.OK, '90000;10;7;80000;90000;']);
}));

test('a stream with a message that cannot be inflated, or is too long then, ends as by the library', () => opened(async (client) => {
  const broken = await client.ask(PATH, [packed(Buffer.from([1, 2, 3]))], GZIP);
  assert.deepEqual([broken.code, broken.text], [status.INTERNAL, 'Failed to decompress message']);
  const long = await client.ask(PATH, [zipped(MESSAGE_BYTES + 1)], GZIP);
  assert.deepEqual([long.code, long.text], [status.RESOURCE_EXHAUSTED, `Received message that decompresses to a size larger than ${MESSAGE_BYTES}`]);
}));

test('what is inflated for callers that leave meanwhile is let go', () => opened(async (client, grpc) => {
  const left = Array.from({ length: 20 }, () => client.begin(PATH, GZIP));
  for (const { stream } of left) for (let times = 3; times > 0; times--) stream.write(zipped(90_000));
  await turnsUntil(() => grpc.door.open >= left.length);
  for (const asked of left) asked.leave();
  await Promise.all(left.map(({ outcome }) => outcome));
}));
