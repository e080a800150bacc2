/** How a 16-bit float is laid out. */
interface Layout {
  readonly fractionBits: number;
  readonly bias: number;
}
const FLOAT16: Layout = { fractionBits: 10, bias: 15 };
const BFLOAT16: Layout = { fractionBits: 7, bias: 127 };
/** Adding and taking away 2^52 rounds what lies below it to the nearest integer, ties to even, as doubles add. */
const ROUNDER = 2 ** 52;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** Bits of the float16 (IEEE 754 binary16) nearest to `value`, ties to even; -1 where it would be infinite or is no number. */
export function float16Bits(value: number): number {
  return halfBits(value, FLOAT16);
}

/** Bits of the bfloat16 nearest to `value`, ties to even, rounded once from the double; -1 where it is not finite. */
export function bfloat16Bits(value: number): number {
  return halfBits(value, BFLOAT16);
}

function halfBits(value: number, { fractionBits, bias }: Layout): number {
  double[0] = value;
  const high = words[1] ?? 0;
  const exponent = ((high >>> 20) & 0x7ff) - 1023;
  if (exponent > bias) return -1;
  const sign = (high >>> 31) << 15;
  const magnitude = Math.abs(value);
  const lowest = 1 - bias;
  const scaleExponent = Math.max(exponent, lowest);
  // In units of the last place: below 2^fractionBits only where the result is subnormal. Scaling is exact.
  const units = magnitude * 2 ** (fractionBits - scaleExponent) + ROUNDER - ROUNDER;
  // Where rounding reaches the next power of two, the carry goes into the exponent by itself.
  const bits = units + (scaleExponent - lowest) * 2 ** fractionBits;
  return bits >= (2 * bias + 1) * 2 ** fractionBits ? -1 : sign | bits;
}
