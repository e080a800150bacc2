import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { framed } from '../../frontend/grpc/message-frame.ts';
import type { GrpcMethod } from '../../frontend/grpc/service.ts';
import { openGrpc, type OpenGrpc } from './grpc-client.ts';
import { RawGrpc } from './raw-grpc.ts';
import { turnsUntil } from './turns-until.ts';

/** What the door of `withDoor` takes of one message, and of all that are open. */
export const MESSAGE_BYTES = 100_000;
export const MOST_BYTES = 300_000;
export const GZIP = Object.freeze({ 'grpc-encoding': 'gzip' });

/** A door with the methods of `a.B`, which holds nothing any more at the end. */
export async function withDoor(methods: Readonly<Record<string, GrpcMethod>>, use: (client: RawGrpc, grpc: OpenGrpc) => Promise<void>): Promise<void> {
  const grpc = await openGrpc({
    services: [{ name: 'a.B', proto: 'health.proto', methods }],
    limits: { messageBytes: MESSAGE_BYTES, openMessageBytes: MOST_BYTES, streams: 100, connections: 10, stallMs: 60_000 },
  });
  const client = new RawGrpc(grpc.port);
  let left;
  try {
    await use(client, grpc);
    await turnsUntil(() => grpc.door.heldBytes <= 0);
    assert.equal(grpc.door.heldBytes, 0, 'nothing stays counted, and nothing was taken off twice');
  } finally {
    client.close();
    left = await grpc.end();
  }
  assert.deepEqual(left, { lost: 0, wakes: 0 });
}

/** A message that says that it is packed. */
export function packed(bytes: Uint8Array): Buffer {
  const frame = framed(bytes);
  frame[0] = 1;
  return frame;
}

/** So many zeros, packed. */
export function zipped(length: number): Buffer {
  return packed(gzipSync(Buffer.alloc(length)));
}
