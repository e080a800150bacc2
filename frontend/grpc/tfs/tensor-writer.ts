import type { Dtype } from '../../../protos/dtype.ts';
import { varintBytes, writeVarint } from '../../../protos/protobuf.ts';
import { tensorflowNumber } from '../../../protos/tensorflow-datatype.ts';
import type { AnswerTensor } from '../../protocols/answer-tensors.ts';

/** A part of a message whose length is known before it is written. */
export interface Piece {
  readonly length: number;
  /** Writes it at `at`; says where it ends. */
  readonly write: (target: Buffer, at: number) => number;
}

/**
 * One entry of `map<string, TensorProto>` under `field`: its elements lie in the typed field, as TensorFlow Serving writes them
 * (clients read `float_val`). Floats and booleans are the same bytes there as in memory.
 */
export function tensorEntry(field: number, { name, dtype, shape, bytes, write }: AnswerTensor): Piece {
  const nameBytes = Buffer.byteLength(name);
  const dims = shape.map((extent) => (extent === 0 ? 0 : 1 + varintBytes(extent)));
  const shapeLength = dims.reduce((sum, length) => sum + 2 + length, 0);
  const values = valuesOf(dtype, bytes, write);
  const tensorLength = 2 + 1 + varintBytes(shapeLength) + shapeLength + values.length;
  const entryLength = 1 + varintBytes(nameBytes) + nameBytes + 1 + varintBytes(tensorLength) + tensorLength;
  return {
    length: 1 + varintBytes(entryLength) + entryLength,
    write: (target, from) => {
      let at = writeVarint(target, entryLength, tag(target, field, from));
      at = writeVarint(target, nameBytes, tag(target, 1, at));
      at += target.write(name, at);
      at = writeVarint(target, tensorLength, tag(target, 2, at));
      target[at] = 0x08;
      target[at + 1] = tensorflowNumber(dtype);
      target[at + 2] = 0x12;
      at = writeVarint(target, shapeLength, at + 3);
      for (const [axis, extent] of shape.entries()) {
        const length = dims[axis] ?? 0;
        target[at] = 0x12;
        target[at + 1] = length;
        at += 2;
        if (extent === 0) continue;
        target[at] = 0x08;
        at = writeVarint(target, extent, at + 1);
      }
      return values.write(target, at);
    },
  };
}

function tag(target: Buffer, field: number, at: number): number {
  target[at] = field * 8 + 2;
  return at + 1;
}

type Write = AnswerTensor['write'];

/** The elements under the tag of their field. */
function valuesOf(dtype: Dtype, bytes: number, write: Write): Piece {
  switch (dtype) {
    case 'float32': return asTheyLie(0x2a, bytes, write);
    case 'float64': return asTheyLie(0x32, bytes, write);
    case 'bool': return asTheyLie(0x5a, bytes, write);
    case 'bytes': return strings(bytes, write);
    case 'int8': return varints([0x3a], bytes, write, 1, (view, at) => view.getInt8(at));
    case 'uint8': return varints([0x3a], bytes, write, 1, (view, at) => view.getUint8(at));
    case 'int16': return varints([0x3a], bytes, write, 2, (view, at) => view.getInt16(at, true));
    case 'uint16': return varints([0x3a], bytes, write, 2, (view, at) => view.getUint16(at, true));
    case 'int32': return varints([0x3a], bytes, write, 4, (view, at) => view.getInt32(at, true));
    case 'int64': return varints([0x52], bytes, write, 8, (view, at) => view.getBigInt64(at, true));
    case 'float16': case 'bfloat16': return varints([0x6a], bytes, write, 2, (view, at) => view.getUint16(at, true));
    case 'uint32': return varints([0x82, 0x01], bytes, write, 4, (view, at) => view.getUint32(at, true));
    case 'uint64': return varints([0x8a, 0x01], bytes, write, 8, (view, at) => view.getBigUint64(at, true));
  }
}

function asTheyLie(key: number, bytes: number, write: Write): Piece {
  if (bytes === 0) return NOTHING;
  return {
    length: 1 + varintBytes(bytes) + bytes,
    write: (target, at) => {
      target[at] = key;
      const begin = writeVarint(target, bytes, at + 1);
      write(target, begin);
      return begin + bytes;
    },
  };
}

const NOTHING: Piece = Object.freeze({ length: 0, write: (_target: Buffer, at: number) => at });

function varints(key: readonly number[], bytes: number, write: Write, size: number, read: (view: DataView, at: number) => number | bigint): Piece {
  const view = memoryOf(bytes, write);
  const packed = Buffer.allocUnsafe((bytes / size) * 10);
  let length = 0;
  for (let at = 0; at < bytes; at += size) {
    const value = read(view, at);
    length = typeof value === 'number' && value >= 0 ? writeVarint(packed, value, length) : writeWide(packed, BigInt(value), length);
  }
  if (length === 0) return NOTHING;
  return {
    length: key.length + varintBytes(length) + length,
    write: (target, from) => {
      target.set(key, from);
      const begin = writeVarint(target, length, from + key.length);
      return begin + packed.copy(target, begin, 0, length);
    },
  };
}

/** Of a number below 0 all 64 bits, as protobuf has it. */
function writeWide(target: Buffer, value: bigint, from: number): number {
  let rest = BigInt.asUintN(64, value);
  let at = from;
  for (; rest >= 0x80n; rest >>= 7n) target[at++] = Number(rest & 0x7fn) | 0x80;
  target[at++] = Number(rest);
  return at;
}

/** Each string under its own tag. */
function strings(bytes: number, write: Write): Piece {
  const view = memoryOf(bytes, write);
  const memory = new Uint8Array(view.buffer);
  const spans: { readonly from: number; readonly length: number }[] = [];
  let total = 0;
  for (let at = 0; at < bytes;) {
    const length = view.getUint32(at, true);
    spans.push({ from: at + 4, length });
    total += 1 + varintBytes(length) + length;
    at += 4 + length;
  }
  return {
    length: total,
    write: (target, from) => {
      let at = from;
      for (const span of spans) {
        target[at] = 0x42;
        at = writeVarint(target, span.length, at + 1);
        target.set(memory.subarray(span.from, span.from + span.length), at);
        at += span.length;
      }
      return at;
    },
  };
}

function memoryOf(bytes: number, write: Write): DataView {
  const memory = new Uint8Array(bytes);
  write(memory, 0);
  return new DataView(memory.buffer);
}
