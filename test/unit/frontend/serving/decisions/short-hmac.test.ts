import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { ShortHmac } from '../../../../../frontend/serving/decisions/short-hmac.ts';
import { SEED, seeded } from '../../../../support/random.ts';

function seal(key: Uint8Array, message: Uint8Array): string {
  const bytes = Buffer.alloc(message.length + 16);
  bytes.set(message);
  new ShortHmac(key).sealTo(bytes, message.length);
  return bytes.subarray(message.length).toString('hex');
}

test('the short test cases of RFC 4231', () => {
  assert.equal(seal(Buffer.alloc(20, 0x0b), Buffer.from('Hi There')), 'b0344c61d8db38535ca8afceaf0bf12b');
  assert.equal(seal(Buffer.from('Jefe'), Buffer.from('what do ya want for nothing?')), '5bdcc146bf60754e6a042426089575c7');
  assert.equal(seal(Buffer.alloc(20, 0xaa), Buffer.alloc(50, 0xdd)), '773ea91e36800e46854db8ebd09181a7');
  assert.equal(seal(Buffer.alloc(131, 0xaa), Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First')), '60e431591ee0b67f0d8a26aacbf5b77f');
});

test(seeded('equals node:crypto for any key and message'), () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 55 }), (key, message) => {
    assert.equal(seal(key, message), createHmac('sha256', key).update(message).digest('hex').slice(0, 32));
  }), { seed: SEED, numRuns: 2_000 });
});

test('a message that does not fit one block is a bug of the caller', () => {
  assert.throws(() => new ShortHmac(Buffer.alloc(32)).sealTo(Buffer.alloc(72), 56), RangeError);
});
