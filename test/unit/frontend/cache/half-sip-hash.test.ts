import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalfSipHash } from '../../../../frontend/cache/half-sip-hash.ts';

const BYTES = Int32Array.from({ length: 16 }, (_, i) => i * 4 * 0x01010101 + 0x03020100);

function hashOf(words: Int32Array, key: [number, number] = [0x03020100, 0x07060504]): number {
  const hash = new HalfSipHash(key);
  hash.begin();
  hash.absorb(words, 0, words.length);
  return hash.finish() >>> 0;
}

test('it is HalfSipHash-1-3 as published: the test vectors of the Linux kernel for 0, 4, 8, 12 and 60 bytes', () => {
  const words = [0, 1, 2, 3, 15].map((count) => hashOf(BYTES.subarray(0, count)));
  assert.deepEqual(words, [0x5814c896, 0x7e059ea6, 0x577999b1, 0x6b28096c, 0x88b4c4cc]);
});

test('a message may come in pieces, from the middle of an array', () => {
  const hash = new HalfSipHash([0x03020100, 0x07060504]);
  hash.begin();
  hash.absorb(BYTES, 0, 1);
  hash.absorb(BYTES, 1, 2);
  assert.equal(hash.finish() >>> 0, 0x6b28096c);
});

test('every bit of the key and of the message matters, and so does the length', () => {
  const seen = new Set([hashOf(BYTES)]);
  for (let bit = 0; bit < 32; bit++) {
    seen.add(hashOf(BYTES, [0x03020100 ^ (1 << bit), 0x07060504]));
    seen.add(hashOf(BYTES, [0x03020100, 0x07060504 ^ (1 << bit)]));
    seen.add(hashOf(BYTES.with(7, (BYTES[7] ?? 0) ^ (1 << bit))));
  }
  assert.equal(seen.size, 1 + 3 * 32);
  assert.notEqual(hashOf(new Int32Array(3)), hashOf(new Int32Array(4)));
});

test('the wide hash is a non-negative integer of 53 bits, no prefix of which is constant', () => {
  const hash = new HalfSipHash([1, 2]);
  let ones = 0n;
  let zeros = 0n;
  for (let i = 0; i < 200; i++) {
    hash.begin();
    hash.absorb(Int32Array.of(i), 0, 1);
    const wide = hash.finishWide();
    assert.ok(Number.isSafeInteger(wide) && wide >= 0);
    ones |= BigInt(wide);
    zeros |= ~BigInt(wide) & (2n ** 53n - 1n);
  }
  assert.deepEqual([ones, zeros], [2n ** 53n - 1n, 2n ** 53n - 1n]);
});
