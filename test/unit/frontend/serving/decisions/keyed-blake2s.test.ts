import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyedBlake2s, TAG_BYTES } from '../../../../../frontend/serving/decisions/keyed-blake2s.ts';

function seal(key: Uint8Array, message: Uint8Array): string {
  const bytes = Buffer.alloc(message.length + TAG_BYTES, 0xee);
  bytes.set(message);
  new KeyedBlake2s(key).sealTo(bytes, message.length);
  assert.deepEqual(bytes.subarray(0, message.length), Buffer.from(message));
  return bytes.subarray(message.length).toString('hex');
}

/** Keys 0, 1, 2 …, messages 0, 7, 14 …; tags by the reference implementation, as in Python's `hashlib.blake2s(message, key=key, digest_size=16)`. */
const VECTORS: readonly (readonly [keyBytes: number, messageBytes: number, tag: string])[] = [
  [32, 0, '9536f9b267655743dee97b8a670f9f53'],
  [32, 1, '13bacfb85b48a1223c595f8c1e7e82cb'],
  [32, 50, '1d128936dd5d7e6f6893407929c744c9'],
  [32, 63, '0d862fbb6df73c662e5f650f6e5ed019'],
  [32, 64, 'a5f01ae94b378e819c8c3933c2d9f2dd'],
  [32, 65, '424237413b3dc5728e25c57910632ca3'],
  [1, 128, 'ccc48622a2a9f33572a7c77e62dd9c55'],
  [16, 129, '2b943638748093a578d3c6c3fa183c4d'],
  [31, 1000, '356405ccd9007faec089f9c66cebbbfc'],
];

test('equals the reference implementation, for messages of every number of blocks', () => {
  for (const [keyBytes, messageBytes, tag] of VECTORS) {
    assert.equal(seal(Uint8Array.from({ length: keyBytes }, (_, i) => i), Uint8Array.from({ length: messageBytes }, (_, i) => i * 7)), tag, `${keyBytes}, ${messageBytes}`);
  }
});

test('a key that is too long is hashed by SHA-256 first; an empty one is a bug of the caller', () => {
  assert.equal(seal(Uint8Array.from({ length: 33 }, (_, i) => i), Buffer.from('abc')), 'f19c5fc05d24e6979da64da5f5685f21');
  assert.throws(() => new KeyedBlake2s(Buffer.alloc(0)), RangeError);
});

test('one key serves many messages, and several keys do not disturb each other', () => {
  const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const macs = keys.map((key) => new KeyedBlake2s(key));
  for (const message of [Buffer.alloc(130, 3), Buffer.alloc(0), Buffer.alloc(50, 4)]) {
    const tags = macs.map((mac) => {
      const bytes = Buffer.concat([message, Buffer.alloc(TAG_BYTES)]);
      mac.sealTo(bytes, message.length);
      return bytes.subarray(message.length).toString('hex');
    });
    assert.deepEqual(tags, keys.map((key) => seal(key, message)));
  }
});
