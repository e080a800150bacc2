import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float32Decimal } from '../../../../frontend/http/float32-decimal.ts';

test('a float32 is written with the fewest digits that give it back', () => {
  for (const [x, text] of [
    [0, '0'], [-0, '-0'], [1, '1'], [-3, '-3'], [0.5, '0.5'], [0.1, '0.1'], [-0.1, '-0.1'], [0.3, '0.3'], [1.1, '1.1'], [2.5125, '2.5125'],
    [16777216, '16777216'], [123456.7, '123456.7'], [0.98, '0.98'], [1e-5, '0.00001'], [1.5e-7, '1.5e-7'], [1e20, '100000000000000000000'],
    [3.4028234663852886e38, '3.4028235e+38'], [1.401298464324817e-45, '1e-45'], [0.99999994, '0.99999994'], [999999.9375, '999999.94'],
  ] as const) assert.equal(float32Decimal(Math.fround(x)), text);
});

test('every float32 comes back from its decimal, and none needs more than nine digits', () => {
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  // A stride that is odd and no power of two visits all exponents and both signs.
  for (let n = 0; n < 200_000; n++) {
    bits[0] = Math.imul(n, 2654435761);
    const x = float[0] ?? 0;
    if (!Number.isFinite(x)) continue;
    const text = float32Decimal(x);
    assert.ok(Object.is(Math.fround(JSON.parse(text) as number), x), `${x} was written as ${text}`);
    const digits = text.replace(/e.*/, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
    assert.ok(digits.length <= 9 || Number.isInteger(x), `${x} was written as ${text}`);
  }
});
