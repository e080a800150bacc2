import type { Dtype } from '../../../protos/dtype.ts';
import { WireError } from '../../../protos/wire.ts';
import { WIRE, type ProtoReader } from './protobuf.ts';

/**
 * The elements of an `InferTensorContents` as raw bytes, as `raw_output_contents` would have held them. Servers answer
 * in this form when they were asked in it, and some always do.
 */
export function readTypedContents(contents: ProtoReader, dtype: Dtype): Buffer {
  const parts: Uint8Array[] = [];
  const numbers: number[] = [];
  const bigs: bigint[] = [];
  while (contents.next()) {
    const field = contents.field;
    if (field === 1 || field === 2 || field === 4) contents.varints(() => numbers.push(contents.varint()));
    else if (field === 3 || field === 5) contents.varints(() => bigs.push(contents.bigVarint()));
    else if (field === 6) parts.push(contents.fixed(4));
    else if (field === 7) parts.push(contents.fixed(8));
    else if (field === 8) parts.push(...lengthAndBytes(contents));
    else contents.skip();
  }
  if (numbers.length > 0) parts.push(bytesOf(numbers, dtype));
  if (bigs.length > 0) parts.push(bytesOfBig(bigs, dtype));
  return Buffer.concat(parts);
}

function lengthAndBytes(contents: ProtoReader): Uint8Array[] {
  if (contents.wire !== WIRE.bytes) throw new WireError('protobuf: bytes_contents that is not bytes');
  const { from, length } = contents.span();
  const head = Buffer.alloc(4);
  head.writeUInt32LE(length);
  return [head, contents.bytes.subarray(from, from + length)];
}

/** Numbers wrap into the dtype, as the low bits of a varint do. */
function bytesOf(numbers: readonly number[], dtype: Dtype): Uint8Array {
  switch (dtype) {
    case 'bool': return Uint8Array.from(numbers, (value) => (value === 0 ? 0 : 1));
    case 'int8': case 'uint8': return Uint8Array.from(numbers);
    case 'int16': case 'uint16': return viewOf(Uint16Array.from(numbers));
    case 'int32': case 'uint32': return viewOf(Uint32Array.from(numbers));
    default: throw new WireError(`typed contents of whole numbers for an output of dtype ${dtype}`);
  }
}

function bytesOfBig(numbers: readonly bigint[], dtype: Dtype): Uint8Array {
  if (dtype !== 'int64' && dtype !== 'uint64') throw new WireError(`typed contents of 64 bits for an output of dtype ${dtype}`);
  return viewOf(BigUint64Array.from(numbers));
}

function viewOf(array: Uint16Array | Uint32Array | BigUint64Array): Uint8Array {
  return new Uint8Array(array.buffer);
}
