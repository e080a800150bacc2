import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framed, framePrefix } from '../../../../frontend/grpc/message-frame.ts';

test('a frame is a byte of 0, the length, the highest byte first, and the message', () => {
  assert.deepEqual([...framed(Buffer.from([7, 8]))], [0, 0, 0, 0, 2, 7, 8]);
  assert.deepEqual([...framed(new Uint8Array())], [0, 0, 0, 0, 0]);
  assert.deepEqual([...framePrefix(0xfedcba98)], [0, 0xfe, 0xdc, 0xba, 0x98]);
});
