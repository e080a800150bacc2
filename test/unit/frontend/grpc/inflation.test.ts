import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { framed } from '../../../../frontend/grpc/message-frame.ts';
import { TOO_MUCH_HELD } from '../../../../frontend/grpc/open-messages.ts';
import { GZIP, MESSAGE_BYTES, MOST_BYTES, packed, withDoor, zipped } from '../../../support/packed-grpc.ts';
import { turnsUntil } from '../../../support/turns-until.ts';

const PATH = '/a.B/Ask';

/** A door that says of a message how long it is. */
const opened = (use: Parameters<typeof withDoor>[1]): Promise<void> => withDoor({ Ask: { kind: 'unary', handle: (call) => call.answer(Buffer.from(String(call.message.length))) } }, use);

test('packed messages are what they were, beside others that are not packed', () => opened(async (client) => {
  const length = async (frame: Buffer, encoding: string): Promise<unknown> => {
    const { code, body } = await client.ask(PATH, [frame], { 'grpc-encoding': encoding });
    return [code, body.subarray(5).toString()];
  };
  assert.deepEqual(await length(zipped(90_000), 'gzip'), [status.OK, '90000']);
  assert.deepEqual(await length(packed(deflateSync(Buffer.alloc(90_000))), 'deflate'), [status.OK, '90000']);
  assert.deepEqual(await length(framed(Buffer.alloc(500)), 'gzip'), [status.OK, '500']);
}));

test('a message that cannot be inflated, or is too long then, ends its call as the library does', () => opened(async (client) => {
  const told = async (frame: Buffer, encoding = 'gzip'): Promise<unknown> => {
    const { code, text } = await client.ask(PATH, [frame], { 'grpc-encoding': encoding });
    return [code, text];
  };
  assert.deepEqual(await told(packed(Buffer.from([1, 2, 3]))), [status.INTERNAL, 'Failed to decompress message']);
  assert.deepEqual(await told(zipped(MESSAGE_BYTES + 1)), [status.RESOURCE_EXHAUSTED, `Received message that decompresses to a size larger than ${MESSAGE_BYTES}`]);
  assert.deepEqual(await told(zipped(1), 'snappy'), [status.UNIMPLEMENTED, 'Received message compressed with unsupported encoding "snappy"']);
}));

test('small messages that come to much together are refused, also where their callers never say that this is all', () => opened(async (client, grpc) => {
  const kept = Array.from({ length: 3 }, () => client.begin(PATH, GZIP));
  for (const { stream } of kept) stream.write(zipped(90_000));
  await turnsUntil(() => grpc.door.heldBytes >= 3 * 90_000);
  for (let i = 0; i < 3; i++) {
    const { code, text } = await client.ask(PATH, [zipped(90_000)], GZIP);
    assert.deepEqual([code, text], [status.RESOURCE_EXHAUSTED, TOO_MUCH_HELD]);
  }
  assert.ok(grpc.door.heldBytes <= MOST_BYTES, `${grpc.door.heldBytes} bytes`);
  assert.equal(grpc.meter.value('tradewind_refused_total', { code: 'overloaded' }), 3);
  for (const one of kept) one.leave();
  await Promise.all(kept.map(({ outcome }) => outcome));
  await turnsUntil(() => grpc.door.heldBytes === 0);
  assert.equal((await client.ask(PATH, [zipped(90_000)], GZIP)).code, status.OK, 'there is room again');
}));
