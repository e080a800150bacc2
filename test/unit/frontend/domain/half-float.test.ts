import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bfloat16Bits, float16Bits } from '../../../../frontend/domain/half-float.ts';
import { referenceBfloat16 } from '../../../support/reference-predict-body.ts';

/** The value of a float16, by its definition. */
function valueOf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
}

test('every finite float16 is itself, and what lies between two goes to the nearer, or the even one', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const here = valueOf(bits);
    const middle = (here + valueOf(bits + 1)) / 2;
    assert.equal(float16Bits(here), bits);
    assert.equal(float16Bits(-here), 0x8000 | bits);
    assert.equal(float16Bits(middle), bits + (bits & 1));
    assert.equal(float16Bits(middle * (1 - 2 ** -52)), bits);
    assert.equal(float16Bits(middle * (1 + 2 ** -52)), bits + 1);
  }
});

test('float16 ends at 65504, and what rounds beyond it is refused', () => {
  assert.equal(float16Bits(65519.99999), 0x7bff);
  for (const value of [65520, 1e10, 1.7e308, Infinity, NaN]) assert.equal(float16Bits(value), -1);
});

test('bfloat16 rounds once from the double', () => {
  // Through float32 this would be rounded twice, to a tie and then up.
  assert.equal(bfloat16Bits(1 + 2 ** -8 - 2 ** -40), 0x3f80);
  for (const value of [0, -0, 1, -1.5, 3.1, 2 ** -133, 2 ** -134, 1.5 * 2 ** -133, 3.3895313892515355e38, 1e-300]) assert.equal(bfloat16Bits(value), referenceBfloat16(value), String(value));
  assert.equal(bfloat16Bits(3.4e38), -1);
});
