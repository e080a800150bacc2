import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageBuffer } from '../../../../../frontend/rpc/oip/message-buffer.ts';
import { WireError } from '../../../../../protos/wire.ts';

const FRAMED = Buffer.from([0, 0, 0, 0, 2, 7, 8]);

test('one piece is not copied, several are put together', () => {
  const one = new MessageBuffer(10);
  one.push(FRAMED);
  assert.equal(one.message()?.buffer, FRAMED.buffer);
  const pieces = new MessageBuffer(10);
  for (const byte of FRAMED) pieces.push(Buffer.from([byte]));
  assert.deepEqual(pieces.message(), Buffer.from([7, 8]));
  assert.equal(new MessageBuffer(10).message(), undefined);
  assert.equal(new MessageBuffer(10).body().length, 0);
});

test('too much, compressed, more or less than the prefix says: refused', () => {
  const small = new MessageBuffer(6);
  assert.throws(() => small.push(FRAMED), WireError);
  for (const bytes of [[1, ...FRAMED.subarray(1)], [...FRAMED, 9], FRAMED.subarray(0, 6), [0]]) {
    const answer = new MessageBuffer(100);
    answer.push(Buffer.from(bytes));
    assert.throws(() => answer.message(), WireError);
  }
});
