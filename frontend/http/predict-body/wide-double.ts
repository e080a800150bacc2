import { LARGEST_POWER } from './powers-of-ten.ts';

/** 2^-100, the relative error that is allowed for; what `wideDouble` proves is below a quarter of it. */
const RELATIVE_ERROR = 2 ** -100;
/** Splits a double into two halves of 26 bits (Veltkamp 1968, Dekker 1971 "A floating-point technique for extending the available precision"). */
const SPLITTER = 2 ** 27 + 1;
const MOST_DIGITS = 18;
const NINE_POWERS = Float64Array.from({ length: 10 }, (_, k) => 10 ** k);

/** 10^k as an unevaluated sum of two doubles, k from −80 to 80: together right to 2^-106. */
const HIGH = Float64Array.from({ length: 2 * LARGEST_POWER + 1 }, (_, i) => Number(`1e${i - LARGEST_POWER}`));
const LOW = Float64Array.from(HIGH, (high, i) => lowPart(high, i - LARGEST_POWER));

/**
 * digits · 10^exponent as the nearest double, ties to even: what `JSON.parse` gives for numbers that one exact operation
 * does not. The digits stand from byte `at` on, with or without a point in them, which counts in `exponent` (−80 … 80)
 * already. NaN where there are more than 18 significant digits, or the number is too near to the middle between two
 * doubles for this way to tell.
 *
 * The digits m are an exact sum s + t of doubles, the power h + l is right to u², u = 2^-53. Of (s + t)(h + l) we take
 * p + q = s·h exactly, and s·l + t·h rounded; t·l ≤ u²p is left out. With |t| ≤ us, |l| ≤ uh, |q| ≤ up the roundings
 * are at most u²p + u²p (products), 2u²p (their sum), 3u²p (with q), and the power adds u²p: in all 9u²p < 2^-102 p.
 * The bounds p + (r ± 2^-100 p) hold x between them, also after their own rounding (4u²p), and rounding to double is
 * monotone: where both become one double, x does.
 */
export function wideDouble(bytes: Uint8Array, at: number, exponent: number): number {
  let first = 0;
  let second = 0;
  let significant = 0;
  for (let i = at; ; i++) {
    const digit = (bytes[i] as number) - 0x30;
    if (digit === -2) continue;
    if (digit < 0 || digit > 9) break;
    if (digit === 0 && significant === 0) continue;
    if (++significant > MOST_DIGITS) return NaN;
    if (significant <= 9) first = first * 10 + digit;
    else second = second * 10 + digit;
  }
  const shift = NINE_POWERS[significant > 9 ? significant - 9 : 0] as number;
  // first < 2^30 and shift < 2^30: in halves of 15 bits each product is exact.
  const upper = (first >>> 15) * shift * 32768;
  const lower = (first & 32767) * shift + second;
  const s = upper + lower;
  const t = lower - (s - upper);

  const high = HIGH[exponent + LARGEST_POWER] as number;
  const low = LOW[exponent + LARGEST_POWER] as number;
  const product = s * high;
  const sShifted = s * SPLITTER;
  const s1 = sShifted - (sShifted - s);
  const s2 = s - s1;
  const hShifted = high * SPLITTER;
  const h1 = hShifted - (hShifted - high);
  const h2 = high - h1;
  const rest = s2 * h2 - (product - s1 * h1 - s2 * h1 - s1 * h2) + (s * low + t * high);
  const margin = product * RELATIVE_ERROR;
  const least = product + (rest - margin);
  return least === product + (rest + margin) ? least : NaN;
}

/** 10^power − high, rounded to a double. */
function lowPart(high: number, power: number): number {
  if (power >= 0) return Number(10n ** BigInt(power) - BigInt(high));
  // high · 2^bits is an integer; the difference is taken there, and 120 bits more keep what the division cuts far away.
  const bits = 52 - Math.floor(Math.log2(high)) + 1;
  const divisor = 10n ** BigInt(-power);
  const difference = (1n << BigInt(bits)) - BigInt(high * 2 ** bits) * divisor;
  return Number((difference << 120n) / divisor) * 2 ** -(bits + 120);
}
