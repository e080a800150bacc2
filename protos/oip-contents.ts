import type { Dtype } from './dtype.ts';
import { WIRE, type ProtoReader } from './protobuf.ts';
import { WireError } from './wire.ts';

/** Which field of `InferTensorContents` may hold a dtype's elements, its own first; whole numbers also stand in the other sign's field. */
const FIELDS: Readonly<Record<Dtype, readonly number[]>> = Object.freeze({
  bool: [1, 2, 4], int8: [2, 4], int16: [2, 4], int32: [2, 4], uint8: [4, 2], uint16: [4, 2], uint32: [4, 2],
  int64: [3, 5], uint64: [5, 3], float32: [6], float64: [7], bytes: [8], float16: [], bfloat16: [],
});

/** By number. */
const NAMES = ['bool', 'int', 'int64', 'uint', 'uint64', 'fp32', 'fp64', 'bytes'] as const;

/**
 * The elements of an `InferTensorContents` as raw bytes, as raw contents would have held them. Callers ask and servers answer
 * in this form where nothing else was said, and some always do. Throws `WireError` on contents of another dtype, and on more
 * than `most` elements.
 */
export function readTypedContents(contents: ProtoReader, dtype: Dtype, most = Number.POSITIVE_INFINITY): Buffer {
  const parts: Uint8Array[] = [];
  const numbers: number[] = [];
  const bigs: bigint[] = [];
  const room = (): void => {
    if (parts.length + numbers.length + bigs.length >= most) throw new WireError(`more than ${most} elements`);
  };
  while (contents.next()) {
    const { field } = contents;
    if (field < 1 || field > 8) {
      contents.skip();
      continue;
    }
    if (!FIELDS[dtype].includes(field)) throw new WireError(wrongField(field, dtype));
    room();
    if (field === 3 || field === 5) contents.varints(() => (room(), bigs.push(contents.bigVarint())));
    else if (field === 6) parts.push(contents.fixed(4));
    else if (field === 7) parts.push(contents.fixed(8));
    else if (field === 8) parts.push(lengthAndBytes(contents));
    else contents.varints(() => (room(), numbers.push(contents.varint())));
  }
  if (numbers.length > 0) return Buffer.from(bytesOf(numbers, dtype));
  if (bigs.length > 0) return Buffer.from(BigUint64Array.from(bigs).buffer);
  return parts.length === 1 && parts[0] !== undefined ? Buffer.from(parts[0]) : Buffer.concat(parts);
}

function wrongField(field: number, dtype: Dtype): string {
  const [right] = FIELDS[dtype];
  return `${nameOf(field)} for a tensor of dtype ${dtype}, ${right === undefined ? 'which comes raw only' : `whose elements stand in ${nameOf(right)}`}`;
}

function nameOf(field: number): string {
  return `${NAMES[field - 1] ?? field}_contents`;
}

function lengthAndBytes(contents: ProtoReader): Uint8Array {
  if (contents.wire !== WIRE.bytes) throw new WireError('protobuf: bytes_contents that is not bytes');
  const { from, length } = contents.span();
  const element = Buffer.allocUnsafe(4 + length);
  element.writeUInt32LE(length);
  element.set(contents.bytes.subarray(from, from + length), 4);
  return element;
}

/** Numbers wrap into the dtype, as the low bits of a varint do. */
function bytesOf(numbers: readonly number[], dtype: Dtype): Uint8Array {
  switch (dtype) {
    case 'bool': return Uint8Array.from(numbers, (value) => (value === 0 ? 0 : 1));
    case 'int8': case 'uint8': return Uint8Array.from(numbers);
    case 'int16': case 'uint16': return new Uint8Array(Uint16Array.from(numbers).buffer);
    default: return new Uint8Array(Uint32Array.from(numbers).buffer);
  }
}
