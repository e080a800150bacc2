import type { ByteWindow } from './byte-window.ts';
import { EXACT_POWER, LARGEST_POWER, POWERS_OF_TEN } from './powers-of-ten.ts';
import { wideDouble } from './wide-double.ts';

const TWO_53 = 9007199254740992;
/** 2^-49: twice the relative error bound that `scanNumbers` proves, so that rounding the bounds themselves is covered. */
const RELATIVE_ERROR = 2 ** -49;

/**
 * The loop that predictions cost: reads `number , number , …` from `window.at` on into `out`, at most `limit` of them.
 * It stops before whatever is not a plain number, or cannot be told from the bytes that are here, and behind the last
 * comma or number that it took; says how many it took. It is never wrong about what it takes, and leaves the rest
 * (errors, numbers that chunks cut, rare forms) to a slower reader that knows the whole grammar.
 *
 * What it writes is `JSON.parse(x)`, or with `single` a double v with `Math.fround(v) === Math.fround(JSON.parse(x))`:
 *
 * - The digits are gathered in a double, m. As long as m < 2^53 every step was exact, and one multiplication or division
 *   by an exact power of ten rounds once: the result is the double nearest to x (Clinger 1990, "How to read floating
 *   point numbers accurately"). Rounding is monotone, so a computed m < 2^53 means that the true one is too.
 * - With `single`, m may go up to 10^19. Steps are inexact only where their result is ≥ 2^53; at least one digit is taken
 *   a step, so these are at most 4 (2^53 → 10^19 is less than 4 digits more), of two roundings each: relative error ≤ 8u,
 *   u = 2^-53. The power of ten and its multiplication add one u each: in all below 11u < 2^-49 = 16u. So x lies between
 *   lower = v − 16uv and upper = v + 16uv, also after these are rounded. Rounding to double and then to float32 is
 *   monotone: where both bounds become the same float32, x does.
 * - Without `single`, and where m is larger, `wideDouble` does the same with twice the digits.
 */
export function scanNumbers(window: ByteWindow, out: Float64Array, limit: number, single: boolean): number {
  const { bytes, view, end } = window;
  let at = window.at;
  let taken = 0;
  let start = at;
  while (taken < limit) {
    start = at;
    let c = bytes[at] as number;
    while (c <= 0x20 && (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09)) c = bytes[++at] as number;
    const negative = c === 0x2d;
    if (negative) c = bytes[++at] as number;
    const first = at;
    let digits = c - 0x30;
    if (digits < 0 || digits > 9) break;
    c = bytes[++at] as number;
    if (digits !== 0) {
      while (c >= 0x30 && c <= 0x39) {
        digits = digits * 10 + (c - 0x30);
        c = bytes[++at] as number;
      }
    } else if (c >= 0x30 && c <= 0x39) {
      break;
    }
    let exponent = 0;
    if (c === 0x2e) {
      const point = at++;
      // Four digits at a time, and eight where there are: bytes that are digits become 0 … 9 by the exclusive or, and a
      // higher nibble shows, in the byte or in the byte plus 6, where one is not.
      for (;;) {
        let four = view.getInt32(at, true) ^ 0x30303030;
        if (((four | (four + 0x06060606)) & 0xf0f0f0f0) !== 0) break;
        four = (Math.imul(four, 10) + (four >>> 8)) & 0x00ff00ff;
        four = (Math.imul(four, 100) + (four >>> 16)) & 0xffff;
        let next = view.getInt32(at + 4, true) ^ 0x30303030;
        if (((next | (next + 0x06060606)) & 0xf0f0f0f0) !== 0) {
          digits = digits * 10000 + four;
          at += 4;
          break;
        }
        next = (Math.imul(next, 10) + (next >>> 8)) & 0x00ff00ff;
        next = (Math.imul(next, 100) + (next >>> 16)) & 0xffff;
        digits = digits * 100000000 + (Math.imul(four, 10000) + next);
        at += 8;
      }
      c = bytes[at] as number;
      while (c >= 0x30 && c <= 0x39) {
        digits = digits * 10 + (c - 0x30);
        c = bytes[++at] as number;
      }
      exponent = point + 1 - at;
      if (exponent === 0) break;
    }
    if (c === 0x65 || c === 0x45) {
      c = bytes[++at] as number;
      const below = c === 0x2d;
      if (below || c === 0x2b) c = bytes[++at] as number;
      if (c < 0x30 || c > 0x39) break;
      let power = 0;
      while (c >= 0x30 && c <= 0x39 && power < 1000) {
        power = power * 10 + (c - 0x30);
        c = bytes[++at] as number;
      }
      exponent += below ? -power : power;
    }
    // A number at the very end may go on in the next chunk.
    if (c !== 0x2c && at >= end) break;

    let value: number;
    if (digits < TWO_53 && exponent >= -EXACT_POWER && exponent <= EXACT_POWER) {
      value = exponent < 0 ? digits / (POWERS_OF_TEN[-exponent] as number) : exponent === 0 ? digits : digits * (POWERS_OF_TEN[exponent] as number);
    } else if (exponent < -LARGEST_POWER || exponent > LARGEST_POWER) {
      break;
    } else if (single && digits < 1e19) {
      value = exponent < 0 ? digits / (POWERS_OF_TEN[-exponent] as number) : digits * (POWERS_OF_TEN[exponent] as number);
      const margin = value * RELATIVE_ERROR;
      if (Math.fround(value - margin) !== Math.fround(value + margin)) break;
    } else {
      value = wideDouble(bytes, first, exponent);
      if (value !== value) break;
    }
    out[taken++] = negative ? -value : value;
    start = at;
    if (c !== 0x2c) break;
    start = ++at;
  }
  window.at = start;
  return taken;
}
