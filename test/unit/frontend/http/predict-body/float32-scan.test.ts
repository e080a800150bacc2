import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { claimRegion, FLOAT32_RUN, scanFloat32, scanned, stoppedAt } from '../../../../../frontend/http/predict-body/float32-scan.ts';
import { SEED, seeded } from '../../../../support/random.ts';

const region = claimRegion();
assert.ok(region);
const { bytes, address } = region;

/** What the scan takes of `text`, and what it leaves. */
function scan(text: string, limit = FLOAT32_RUN, at = 0): { taken: number[]; rest: string } {
  // Around it stands what it must not heed: the end of another body, and the rest of an earlier one.
  bytes.fill('9,', 0, at + text.length + 128);
  bytes.write(text, at, 'latin1');
  bytes.fill(0, at + text.length, at + text.length + 16);
  const taken = scanFloat32(address + at, address + at + text.length, limit);
  return { taken: [...scanned(taken)], rest: text.slice(stoppedAt() - address - at) };
}

test('takes numbers and commas, and stops behind the last that it took', () => {
  assert.deepEqual(scan('1,-2.5 ]'), { taken: [1, -2.5], rest: ' ]' });
  assert.deepEqual(scan('1, 2.5e1,\n-0,0.1]}'), { taken: [1, 25, -0, Math.fround(0.1)], rest: ']}' });
  assert.deepEqual(scan('1,2,3', 2), { taken: [1, 2], rest: '3' });
  assert.ok(Object.is(scan('-0,').taken[0], -0));
});

test('leaves what the bytes that are here do not settle', () => {
  for (const cut of ['1', '12.5', '-', '1e', '1.', '0.123456789']) assert.deepEqual(scan(cut), { taken: [], rest: cut }, cut);
});

test('leaves what is no number, no float32, or beyond its means to the slow reader', () => {
  for (const left of ['01,', '+1,', '.5,', '1.,', '1e,', 'NaN,', '"1",', '[1],', '--1,', '1e39,', '-3.5e38,', '1e400,', '1e-23,', '123456789012345678901,', '0.1234567890123456789012345678901,', `0.${'0'.repeat(14)}12345678901234567,`]) {
    assert.deepEqual(scan(`7,${left}`), { taken: [7], rest: left }, left);
  }
});

test('short numbers are read two at a time, whatever stands beside them', () => {
  const forms = ['0', '7', '-3', '12345678', '1.5', '-0.1', '9.9999999', '12.25', '0.12345678', '-0.1234567890123456', '1e2', '0.0000001'];
  for (const a of forms) for (const b of forms) for (const gap of [',', ', ', ',\n  ']) {
    assert.deepEqual(scan(`${a}${gap}${b}${gap}5]`, FLOAT32_RUN, 40), { taken: [a, b, '5'].map((text) => Math.fround(Number(text))), rest: ']' }, `${a}${gap}${b}`);
  }
});

test('stops at its limit, and at the end of a block, wherever these fall', () => {
  for (let count = 0; count < 200; count++) {
    const text = Array.from({ length: count }, (_, i) => `${i % 10}.5,`).join('');
    assert.equal(scan(text).taken.length, count);
    for (const limit of [1, 2, 15, 16, 17]) if (limit <= count) assert.deepEqual(scan(text, limit).rest, text.slice(limit * 4));
  }
  assert.equal(scan('1,'.repeat(2000)).taken.length, FLOAT32_RUN);
});

test('beside a right one, a wrong one is left where it stands', () => {
  for (const right of ['1.5,', '7,', '0.123456789012,']) {
    for (const wrong of ['1.,', '.5,', '01,', '00,', '-,', ',', '--1,', '1.-5,', '0.123456789012345678901234567890123,', '12345678901234567890123.5,']) {
      const { taken, rest } = scan(`${right}${wrong}8,`);
      assert.deepEqual([taken.length, rest], [1, `${wrong}8,`], `${right}${wrong}`);
    }
    // What begins as a number is taken as far as it is one, and no further.
    for (const [number, behind] of [['1.5', '.5,'], ['1.5', '/,'], ['1.2', ' ,'], ['3', ' ,'], ['3', '-,'], ['0', 'x1,'], ['0.1234567', ':,'], ['1.2345678901234567', '.8,']] as const) {
      const { taken, rest } = scan(`${right}${number}${behind}8,`);
      assert.deepEqual([taken[1], rest], [Math.fround(Number(number)), `${behind}8,`], `${right}${number}${behind}`);
    }
  }
});

test('up to nineteen digits are taken where they settle the float32', () => {
  const digits = '1.234567890123456789,0.00012345678901234567,9007199254740993,1844674407370955161,';
  assert.deepEqual(scan(digits).taken, digits.split(',').slice(0, -1).map((text) => Math.fround(Number(text))));
});

test(seeded('is never wrong about what it takes'), () => {
  const digits = fc.tuple(fc.integer({ min: 1, max: 34 }), fc.bigInt({ min: 0n, max: 10n ** 34n - 1n })).map(([length, value]) => String(value).padStart(34, '0').slice(0, length));
  const whole = digits.map((text) => text.slice(0, 22).replace(/^0+(?=.)/, ''));
  const number = fc.tuple(fc.constantFrom('', '-'), whole, fc.option(digits), fc.option(fc.integer({ min: -40, max: 40 })))
    .map(([sign, integer, fraction, exponent]) => `${sign}${integer}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`);
  // Halfway between neighbouring float32s, and just beside: where rounding shows.
  const halfway = fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => {
    const bits = new DataView(new ArrayBuffer(4));
    bits.setFloat32(0, x);
    bits.setUint32(0, bits.getUint32(0) + 1);
    return (x + bits.getFloat32(0)) / 2;
  }).filter(Number.isFinite);
  const nearHalfway = fc.tuple(halfway, fc.constantFrom(1, 1 + 2 ** -52, 1 - 2 ** -53)).map(([half, by]) => String(half * by));
  fc.assert(fc.property(fc.array(fc.oneof(number, nearHalfway), { minLength: 1, maxLength: 20 }), (texts) => {
    const { taken, rest } = scan(`${texts.join(',')},`);
    taken.forEach((value, i) => assert.ok(Object.is(value, Math.fround(JSON.parse(texts[i] ?? '') as number)), `${texts[i]} became ${value}`));
    assert.equal(rest, texts.slice(taken.length).map((text) => `${text},`).join(''));
  }), { seed: SEED, numRuns: 3_000 });
});

test('regions are bounded: further bodies are read without one', () => {
  const claimed: unknown[] = [];
  for (let next = claimRegion(); next !== undefined; next = claimRegion()) claimed.push(next);
  assert.ok(claimed.length <= 64);
  assert.equal(claimRegion(), undefined);
});
