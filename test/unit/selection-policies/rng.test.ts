import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draw } from '../../../selection-policies/rng.ts';

const KEY = Uint32Array.of(0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c);

function id(n: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(0, n, true);
  return bytes;
}

test("takes the top 53 bits of the paper's example", () => {
  const message = Uint8Array.from({ length: 15 }, (_, i) => i);
  assert.equal(draw(KEY, message), Number(0xa129ca6149be45e5n >> 11n) / 2 ** 53);
});

test('the same id draws the same number under one key, and another under another', () => {
  assert.equal(draw(KEY, id(7)), draw(KEY, id(7)));
  assert.notEqual(draw(KEY, id(7)), draw(Uint32Array.of(1, 2, 3, 4), id(7)));
});

test('ids that follow one another draw uniformly in [0, 1)', () => {
  const cells = new Array<number>(64).fill(0);
  const draws = 64_000;
  for (let i = 0; i < draws; i++) {
    const u = draw(KEY, id(i));
    assert.ok(u >= 0 && u < 1, `${u}`);
    const cell = Math.floor(u * 64);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  // Chi-square of 63 degrees: the 99.99 % quantile is 114; the draws are fixed, so this either holds or never does.
  const chiSquare = cells.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
  assert.ok(chiSquare < 114, `chi-square ${chiSquare}`);
});

test('refuses a key of the wrong size', () => {
  assert.throws(() => draw(Uint32Array.of(1, 2), id(1)), RangeError);
});
