import { DTYPE_BYTES, type Dtype } from '../../../protos/dtype.ts';
import { ProtoReader, WIRE } from '../../../protos/protobuf.ts';

type NumberDtype = Exclude<Dtype, 'bytes'>;

/** Where the elements of a type lie in `TensorProto`, and how. */
interface Place {
  readonly field: number;
  /** Bytes of an element on the wire; 0 for varints. */
  readonly fixed: 0 | 4 | 8;
}
/** The wire type of an element that stands alone. */
const LOOSE = Object.freeze({ 0: WIRE.varint, 4: WIRE.fixed32, 8: WIRE.fixed64 });
const INT_VAL: Place = { field: 7, fixed: 0 };
const HALF_VAL: Place = { field: 13, fixed: 0 };
const PLACE: Readonly<Record<NumberDtype, Place>> = Object.freeze({
  float32: { field: 5, fixed: 4 }, float64: { field: 6, fixed: 8 }, int32: INT_VAL, int16: INT_VAL, int8: INT_VAL, uint8: INT_VAL, uint16: INT_VAL,
  int64: { field: 10, fixed: 0 }, bool: { field: 11, fixed: 0 }, float16: HALF_VAL, bfloat16: HALF_VAL, uint32: { field: 16, fixed: 0 }, uint64: { field: 17, fixed: 0 },
});

/**
 * Fills `target` from the typed field of a `TensorProto`. Where there are fewer values than elements the last one stands for the
 * rest, and zero where there is none, as TensorFlow has it. Says what is wrong, if anything.
 */
export function fillTyped(message: Buffer, { from, length }: { readonly from: number; readonly length: number }, dtype: NumberDtype, target: DataView): string | undefined {
  const reader = new ProtoReader(message, from, from + length);
  const { field, fixed } = PLACE[dtype];
  const put = PUT[dtype];
  const size = DTYPE_BYTES[dtype];
  let at = 0;
  let fault: string | undefined;
  const takeVarint = (): void => {
    const value = put.wide ? reader.bigVarint() : reader.varint();
    if (at + size > target.byteLength) fault = `more values than the shape has elements`;
    else if (fault === undefined && !put.set(target, at, value)) fault = `${value} is no ${dtype}`;
    at += size;
  };
  while (reader.next()) {
    // A field of another wire type is one that nobody knows.
    if (reader.field !== field || (reader.wire !== WIRE.bytes && reader.wire !== LOOSE[fixed])) {
      reader.skip();
    } else if (fixed === 0) {
      reader.varints(takeVarint);
    } else {
      const raw = reader.fixed(fixed);
      if (raw.length % fixed !== 0) return 'a packed field does not end where it says';
      if (at + raw.length > target.byteLength) return 'more values than the shape has elements';
      new Uint8Array(target.buffer, target.byteOffset + at, raw.length).set(raw);
      at += raw.length;
    }
    if (fault !== undefined) return fault;
  }
  repeatLast(new Uint8Array(target.buffer, target.byteOffset, target.byteLength), at, size);
  return undefined;
}

function repeatLast(bytes: Uint8Array, filled: number, size: number): void {
  if (filled >= bytes.length) return;
  if (filled === 0) {
    bytes.fill(0);
    return;
  }
  // The filled part doubles with every copy.
  for (let at = filled; at < bytes.length; at += size) bytes.copyWithin(at, at - size, at);
}

interface Put {
  /** Values come as the 64 bits of a varint. */
  readonly wide: boolean;
  /** Writes one value; false where the type does not hold it. */
  readonly set: (target: DataView, at: number, value: number | bigint) => boolean;
}

const PUT: Readonly<Record<NumberDtype, Put>> = Object.freeze({
  bool: narrow(0, 1, (target, at, value) => target.setUint8(at, value)),
  int8: narrow(-128, 127, (target, at, value) => target.setInt8(at, value)),
  uint8: narrow(0, 255, (target, at, value) => target.setUint8(at, value)),
  int16: narrow(-32_768, 32_767, (target, at, value) => target.setInt16(at, value, true)),
  uint16: narrow(0, 65_535, (target, at, value) => target.setUint16(at, value, true)),
  int32: narrow(-(2 ** 31), 2 ** 31 - 1, (target, at, value) => target.setInt32(at, value, true)),
  uint32: narrow(0, 2 ** 32 - 1, (target, at, value) => target.setUint32(at, value, true)),
  float16: narrow(0, 65_535, (target, at, value) => target.setUint16(at, value, true)),
  bfloat16: narrow(0, 65_535, (target, at, value) => target.setUint16(at, value, true)),
  int64: wide((target, at, value) => target.setBigUint64(at, value, true)),
  uint64: wide((target, at, value) => target.setBigUint64(at, value, true)),
  float32: narrow(0, 0, () => undefined),
  float64: narrow(0, 0, () => undefined),
});

function narrow(least: number, most: number, set: (target: DataView, at: number, value: number) => void): Put {
  return {
    wide: false,
    set: (target, at, value) => {
      if (typeof value !== 'number' || value < least || value > most) return false;
      set(target, at, value);
      return true;
    },
  };
}

function wide(set: (target: DataView, at: number, value: bigint) => void): Put {
  return {
    wide: true,
    set: (target, at, value) => {
      if (typeof value === 'bigint') set(target, at, value);
      return typeof value === 'bigint';
    },
  };
}
