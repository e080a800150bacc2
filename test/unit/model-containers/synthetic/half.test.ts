import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../../../../model-containers/synthetic/half.ts';

test('every float16 comes back as it went', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = fromFloat16(bits);
    if (Number.isNaN(value)) assert.equal(toFloat16(value), 0x7e00);
    else assert.equal(toFloat16(value), bits, `0x${bits.toString(16)} is ${value}`);
  }
});

test('every bfloat16 comes back as it went', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = fromBfloat16(bits);
    if (Number.isNaN(value)) assert.equal(toBfloat16(value), 0x7fc0);
    else assert.equal(toBfloat16(value), bits, `0x${bits.toString(16)} is ${value}`);
  }
});

test('rounding is to the nearest, ties to even, also into the next exponent and to infinity', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const middle = (fromFloat16(bits) + fromFloat16(bits + 1)) / 2;
    assert.equal(toFloat16(middle), bits % 2 === 0 ? bits : bits + 1, `between 0x${bits.toString(16)} and the next`);
    assert.equal(toFloat16(-middle), 0x8000 | (bits % 2 === 0 ? bits : bits + 1));
  }
  assert.equal(toFloat16(65_519), 0x7bff);
  assert.equal(toFloat16(65_520), 0x7c00);
  assert.equal(toFloat16(1e-10), 0);
  assert.equal(toBfloat16(1 + 2 ** -8), 0x3f80);
  assert.equal(toBfloat16(1 + 3 * 2 ** -8), 0x3f82);
  assert.equal(toBfloat16(3.4e38), 0x7f80);
});
