import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { claimRegion, FLOAT32_RUN, scanFloat32, scanned, stoppedAt } from '../../../../../frontend/http/predict-body/float32-scan.ts';
import { SEED, seeded } from '../../../../support/random.ts';

const region = claimRegion();
assert.ok(region);
const { bytes, address } = region;

/** What the scan takes of `text`, and what it leaves. */
function scan(text: string, limit = FLOAT32_RUN): { taken: number[]; rest: string } {
  bytes.fill(0, 0, text.length + 32);
  bytes.write(text, 'latin1');
  const taken = scanFloat32(address, address + text.length, limit);
  return { taken: [...scanned.subarray(0, taken)], rest: text.slice(stoppedAt() - address) };
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
  for (const left of ['01,', '+1,', '.5,', '1.,', '1e,', 'NaN,', '"1",', '[1],', '--1,', '1e39,', '-3.5e38,', '1e400,', '1e-23,', '123456789012345678901,', '0.12345678901234567890123,']) {
    assert.deepEqual(scan(`7,${left}`), { taken: [7], rest: left }, left);
  }
});

test('up to nineteen digits are taken where they settle the float32', () => {
  const digits = '1.234567890123456789,0.00012345678901234567,9007199254740993,1844674407370955161,';
  assert.deepEqual(scan(digits).taken, digits.split(',').slice(0, -1).map((text) => Math.fround(Number(text))));
});

test(seeded('is never wrong about what it takes'), () => {
  const digits = fc.integer({ min: 1, max: 22 }).chain((length) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`)));
  const whole = fc.oneof(fc.constant('0'), fc.stringMatching(/^[1-9][0-9]{0,21}$/));
  const number = fc.tuple(fc.constantFrom('', '-'), whole, fc.option(digits), fc.option(fc.integer({ min: -40, max: 40 })))
    .map(([sign, integer, fraction, exponent]) => `${sign}${integer}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`);
  // Halfway between neighbouring float32s, and just beside: where rounding shows.
  const halfway = fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => {
    const bits = new DataView(new ArrayBuffer(4));
    bits.setFloat32(0, x);
    bits.setUint32(0, bits.getUint32(0) + 1);
    return (x + bits.getFloat32(0)) / 2;
  }).filter(Number.isFinite).chain((half) => fc.constantFrom(half, half * (1 + 2 ** -52), half * (1 - 2 ** -53))).map(String);
  fc.assert(fc.property(fc.array(fc.oneof(number, halfway), { minLength: 1, maxLength: 20 }), (texts) => {
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
