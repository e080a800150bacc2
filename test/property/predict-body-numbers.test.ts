import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Dtype } from '../../protos/dtype.ts';
import { parseJson, plainBody, refusal, targetFor } from '../support/parse-body.ts';
import { SEED, seeded } from '../support/random.ts';
import { referenceBfloat16 } from '../support/reference-predict-body.ts';

const RUNS = { seed: SEED, numRuns: 3000 };

const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 }).map((all) => all.join(''));
const whole = digits.map((text) => text.replace(/^0+(?=\d)/, ''));
const exponent = fc.oneof(fc.integer({ min: -30, max: 30 }), fc.integer({ min: -400, max: 400 }), fc.constantFrom('+5', '-0', '00', '-007'));
/** Every form that JSON has. */
const written = fc.tuple(fc.boolean(), whole, fc.option(digits), fc.option(exponent), fc.constantFrom('e', 'E')).map(
  ([negative, int, fraction, power, e]) => `${negative ? '-' : ''}${int}${fraction === null ? '' : `.${fraction}`}${power === null ? '' : `${e}${power}`}`,
);
const short = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 999 }), fc.stringMatching(/^[0-9]{1,18}$/)).map(([negative, int, fraction]) => `${negative ? '-' : ''}${int}.${fraction}`);
const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
/** Exactly between two neighbouring float32s, and a hair to either side. */
const floatHalves = fc.tuple(float, fc.constantFrom('', '1', '0000000000000000000000001')).map(([value, tail]) => {
  const middle = (value + nextFloat(value)) / 2;
  return Number.isFinite(middle) ? exactDecimal(middle) + (exactDecimal(middle).includes('.') ? tail : '') : '0';
});
/** Exactly between two neighbouring doubles: more digits than any fast way has. */
const doubleHalves = fc.bigInt({ min: 2n ** 53n, max: 2n ** 56n }).chain((m) => fc.integer({ min: -60, max: 60 }).map((e) => `${m}e${e}`));
const wide = fc.tuple(fc.bigInt({ min: 10n ** 15n, max: 10n ** 19n }), fc.integer({ min: -90, max: 90 })).map(([m, e]) => `${m}e${e}`);
const numbers = fc.oneof(written, short, wide, float.map(String), double.map(String), double.map(exactDecimal), float.map(exactDecimal), floatHalves, doubleHalves,
  fc.constantFrom('-0', '0', '0.0', '-0.0e5', '5e-324', '2.4703282292062327e-324', '1.7976931348623157e308', '3.4028235677973366e38', '3.4028235677973362e38', '1.401298464324817e-45', '7.006492321624085e-46', '7.006492321624086e-46', '65504', '65519.999', '65520', '9007199254740993', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '18446744073709551615', '18446744073709551616', '1e18', '1.8446744073709551615e19'));

/** `text` as the one element between plain ones, so that the fast loop meets it in the middle of a run. */
function parseOne(dtype: Dtype, text: string): string {
  const result = parseJson(targetFor([{ name: 'x', dtype, shape: [3] }]), `{"input":[1,${text},2]}`);
  if (!result.ok) return refusal(result);
  const hex = plainBody(result.body).columns[0]?.[0]?.hex ?? '';
  return hex.slice(hex.length / 3, (2 * hex.length) / 3);
}

function hexOf(bytes: ArrayBuffer): string {
  return Buffer.from(bytes).toString('hex');
}

test(seeded('float32 is Math.fround(JSON.parse(x))'), () => {
  fc.assert(fc.property(numbers, (text) => {
    const value = Math.fround(JSON.parse(text) as number);
    assert.equal(parseOne('float32', text), Number.isFinite(value) ? hexOf(Float32Array.of(value).buffer) : 'not_finite input[1]', text);
  }), RUNS);
});

test(seeded('float64 is JSON.parse(x)'), () => {
  fc.assert(fc.property(numbers, (text) => {
    const value = JSON.parse(text) as number;
    assert.equal(parseOne('float64', text), Number.isFinite(value) ? hexOf(Float64Array.of(value).buffer) : 'not_finite input[1]', text);
  }), RUNS);
});

test(seeded('bfloat16 is the nearest to JSON.parse(x), ties to even'), () => {
  fc.assert(fc.property(numbers, (text) => {
    const bits = referenceBfloat16(JSON.parse(text) as number);
    assert.equal(parseOne('bfloat16', text), bits < 0 ? 'not_finite input[1]' : hexOf(Uint16Array.of(bits).buffer), text);
  }), RUNS);
});

for (const [dtype, bits, signed] of [['int8', 8n, true], ['uint16', 16n, false], ['int32', 32n, true], ['int64', 64n, true], ['uint64', 64n, false]] as const) {
  test(seeded(`${dtype} takes exactly the integers of its range`), () => {
    const least = signed ? -(2n ** (bits - 1n)) : 0n;
    const near = fc.tuple(fc.constantFrom(least, least + 2n ** bits - 1n, 0n, 2n ** 53n), fc.bigInt({ min: -3n, max: 3n })).map(([edge, by]) => String(edge + by));
    const inside = fc.bigInt({ min: least, max: least + 2n ** bits - 1n }).map(String);
    fc.assert(fc.property(fc.oneof(near, inside, inside.map((text) => `${text}.0`), whole, fc.bigInt({ min: 1n, max: 99n }).map((n) => `${n}0e-1`)), (text) => {
      const value = BigInt(text.includes('e') ? text.replace('0e-1', '') : text.replace('.0', ''));
      const fits = value >= least && value < least + 2n ** bits;
      const hex = hexOf(BigUint64Array.of(BigInt.asUintN(64, value)).buffer).slice(0, Number(bits / 4n));
      assert.equal(parseOne(dtype, text), fits ? hex : 'wrong_dtype input[1]', text);
    }), RUNS);
  });
}

function nextFloat(value: number): number {
  const float32 = Float32Array.of(value);
  const bits = new Int32Array(float32.buffer);
  bits[0] = (bits[0] ?? 0) + 1;
  return float32[0] ?? 0;
}

/** All digits of a double, none rounded. */
function exactDecimal(value: number): string {
  if (Number.isInteger(value)) return (Object.is(value, -0) ? '-' : '') + String(BigInt(value));
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  const raw = bits.getBigUint64(0);
  const field = Number(raw >> 52n);
  const mantissa = (raw & (2n ** 52n - 1n)) | (field === 0 ? 0n : 2n ** 52n);
  const power = 1075 - Math.max(field, 1);
  const text = String(mantissa * 5n ** BigInt(power)).padStart(power + 1, '0');
  return `${value < 0 ? '-' : ''}${text.slice(0, -power)}.${text.slice(-power)}`;
}
