import { DTYPE_BYTES, type Dtype } from '../../../protos/dtype.ts';
import { bfloat16Bits, float16Bits } from '../../domain/half-float.ts';

type Values = ArrayLike<number> | ArrayLike<bigint>;

/** Writes elements one after another from a byte on; the place of the first that the dtype does not hold, else -1. */
export type StoreElements = (view: DataView, at: number, values: Values) => number;

/** How the floats and integers of a flat list become elements of a dtype: integers exactly, floats rounded once. */
export function elementsStorer(dtype: Dtype): StoreElements {
  const write = WRITE[dtype];
  const bytes = DTYPE_BYTES[dtype];
  return (view, at, values) => {
    for (let i = 0; i < values.length; i++) if (!write(view, at + i * bytes, values[i] as number | bigint)) return i;
    return -1;
  };
}

interface Half {
  /** Below 0 where it would not be finite. */
  readonly bitsOf: (value: number) => number;
  readonly infinity: number;
  readonly nan: number;
}
const FLOAT16: Half = { bitsOf: float16Bits, infinity: 0x7c00, nan: 0x7e00 };
const BFLOAT16: Half = { bitsOf: bfloat16Bits, infinity: 0x7f80, nan: 0x7fc0 };

type Write = (view: DataView, at: number, value: number | bigint) => boolean;

const WRITE: Readonly<Record<Dtype, Write>> = Object.freeze({
  bool: integer(0n, 1n, (view, at, value) => view.setUint8(at, Number(value))),
  int8: integer(-(2n ** 7n), 2n ** 7n - 1n, (view, at, value) => view.setInt8(at, Number(value))),
  uint8: integer(0n, 2n ** 8n - 1n, (view, at, value) => view.setUint8(at, Number(value))),
  int16: integer(-(2n ** 15n), 2n ** 15n - 1n, (view, at, value) => view.setInt16(at, Number(value), true)),
  uint16: integer(0n, 2n ** 16n - 1n, (view, at, value) => view.setUint16(at, Number(value), true)),
  int32: integer(-(2n ** 31n), 2n ** 31n - 1n, (view, at, value) => view.setInt32(at, Number(value), true)),
  uint32: integer(0n, 2n ** 32n - 1n, (view, at, value) => view.setUint32(at, Number(value), true)),
  int64: integer(-(2n ** 63n), 2n ** 63n - 1n, (view, at, value) => view.setBigInt64(at, value, true)),
  uint64: integer(0n, 2n ** 64n - 1n, (view, at, value) => view.setBigUint64(at, value, true)),
  float16: floating((view, at, value) => view.setUint16(at, halfBits(value, FLOAT16), true)),
  bfloat16: floating((view, at, value) => view.setUint16(at, halfBits(value, BFLOAT16), true)),
  float32: floating((view, at, value) => view.setFloat32(at, value, true)),
  float64: floating((view, at, value) => view.setFloat64(at, value, true)),
  bytes: () => false,
});

function integer(least: bigint, most: bigint, set: (view: DataView, at: number, value: bigint) => void): Write {
  return (view, at, value) => {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) return false;
    const exact = BigInt(value);
    if (exact < least || exact > most) return false;
    set(view, at, exact);
    return true;
  };
}

function floating(set: (view: DataView, at: number, value: number) => void): Write {
  return (view, at, value) => {
    set(view, at, Number(value));
    return true;
  };
}

/** Bits of a 16-bit float, of one that is not finite too. */
function halfBits(value: number, { bitsOf, infinity, nan }: Half): number {
  const bits = bitsOf(value);
  if (bits >= 0) return bits;
  return Number.isNaN(value) ? nan : value < 0 ? infinity | 0x8000 : infinity;
}
