import type { Dtype } from '../../../protos/dtype.ts';
import { bfloat16Bits, float16Bits } from '../../domain/half-float.ts';
import type { SlabViews } from './slab-views.ts';

type IntegerView = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** Smallest and largest value of the integer dtypes, as exact integers. */
export const INTEGER_RANGE: ReadonlyMap<Dtype, readonly [bigint, bigint]> = new Map([
  ['int8', [-(2n ** 7n), 2n ** 7n - 1n]], ['uint8', [0n, 2n ** 8n - 1n]],
  ['int16', [-(2n ** 15n), 2n ** 15n - 1n]], ['uint16', [0n, 2n ** 16n - 1n]],
  ['int32', [-(2n ** 31n), 2n ** 31n - 1n]], ['uint32', [0n, 2n ** 32n - 1n]],
  ['int64', [-(2n ** 63n), 2n ** 63n - 1n]], ['uint64', [0n, 2n ** 64n - 1n]],
]);

/**
 * Stores the first `count` numbers of `source` as `dtype` from byte `offset` (a multiple of the element's size) on.
 * Says how many it stored: it stops before the first that the dtype does not hold (not finite, not an integer, out of
 * range), and for 64-bit integers before one that a double may not have held exactly.
 */
export function storeNumbers(dtype: Dtype, views: SlabViews, offset: number, source: Float64Array, count: number): number {
  switch (dtype) {
    case 'float32': return storeFloat32(views.float32, offset >> 2, source, count);
    case 'float64': return storeFloat64(views.float64, offset >> 3, source, count);
    case 'float16': return storeHalf(views.uint16, offset >> 1, source, count, float16Bits);
    case 'bfloat16': return storeHalf(views.uint16, offset >> 1, source, count, bfloat16Bits);
    case 'int8': return storeIntegers(views.int8, offset, source, count);
    case 'uint8': return storeIntegers(views.uint8, offset, source, count);
    case 'int16': return storeIntegers(views.int16, offset >> 1, source, count);
    case 'uint16': return storeIntegers(views.uint16, offset >> 1, source, count);
    case 'int32': return storeIntegers(views.int32, offset >> 2, source, count);
    case 'uint32': return storeIntegers(views.uint32, offset >> 2, source, count);
    case 'int64': return storeWide(views.uint32, offset >> 2, source, count, Number.MIN_SAFE_INTEGER);
    case 'uint64': return storeWide(views.uint32, offset >> 2, source, count, 0);
    case 'bool': case 'bytes': return 0;
  }
}

/** Stores one 64-bit integer, exactly; false where `dtype` does not hold it. */
export function storeBigInteger(dtype: 'int64' | 'uint64', views: SlabViews, offset: number, value: bigint): boolean {
  const [least, most] = INTEGER_RANGE.get(dtype) ?? [0n, 0n];
  if (value < least || value > most) return false;
  views.uint32[offset >> 2] = Number(BigInt.asUintN(32, value));
  views.uint32[(offset >> 2) + 1] = Number(BigInt.asUintN(32, value >> 32n));
  return true;
}

/** Stores NaN or an infinity; false where `dtype` has none. */
export function storeNotFinite(dtype: Dtype, views: SlabViews, offset: number, value: number): boolean {
  switch (dtype) {
    case 'float32': views.float32[offset >> 2] = value; return true;
    case 'float64': views.float64[offset >> 3] = value; return true;
    case 'float16': views.uint16[offset >> 1] = value > 0 ? 0x7c00 : value < 0 ? 0xfc00 : 0x7e00; return true;
    case 'bfloat16': views.uint16[offset >> 1] = value > 0 ? 0x7f80 : value < 0 ? 0xff80 : 0x7fc0; return true;
    default: return false;
  }
}

function storeFloat32(target: Float32Array, at: number, source: Float64Array, count: number): number {
  for (let i = 0; i < count; i++) {
    const value = Math.fround(source[i] as number);
    if (value - value !== 0) return i;
    target[at + i] = value;
  }
  return count;
}

function storeFloat64(target: Float64Array, at: number, source: Float64Array, count: number): number {
  for (let i = 0; i < count; i++) {
    const value = source[i] as number;
    if (value - value !== 0) return i;
    target[at + i] = value;
  }
  return count;
}

function storeHalf(target: Uint16Array, at: number, source: Float64Array, count: number, bitsOf: (value: number) => number): number {
  for (let i = 0; i < count; i++) {
    const bits = bitsOf(source[i] as number);
    if (bits < 0) return i;
    target[at + i] = bits;
  }
  return count;
}

function storeIntegers(target: IntegerView, at: number, source: Float64Array, count: number): number {
  for (let i = 0; i < count; i++) {
    const value = source[i] as number;
    // Storing keeps the integer part modulo the dtype's range: what comes back is the same only if it fits.
    target[at + i] = value;
    if (target[at + i] !== value) return i;
  }
  return count;
}

function storeWide(target: Uint32Array, at: number, source: Float64Array, count: number, least: number): number {
  for (let i = 0; i < count; i++) {
    const value = source[i] as number;
    if (!(value >= least && value <= Number.MAX_SAFE_INTEGER) || Math.trunc(value) !== value) return i;
    const high = Math.floor(value / 4294967296);
    target[at + 2 * i] = value - high * 4294967296;
    target[at + 2 * i + 1] = high;
  }
  return count;
}
