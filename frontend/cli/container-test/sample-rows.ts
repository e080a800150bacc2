import { DTYPE_BYTES, type Dtype } from '../../../protos/dtype.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import { bfloat16Bits, float16Bits } from '../../domain/half-float.ts';
import type { SentTensor } from './broker-link.ts';

/** Values of one row by input name: a number, boolean or text for every element, or nested arrays of them. */
export type RowValues = Readonly<Record<string, unknown>>;

export interface SampleOptions {
  /** What the rows hold, in turn; zeros and empty texts where it is empty. */
  readonly values?: readonly RowValues[];
  /** Any bits at all instead, a different pattern for each row: for containers that give back what they got. */
  readonly patterned?: boolean;
  /** What an extent of -1 becomes where no value says it; rows of ragged inputs get more, each another number. */
  readonly openExtent?: number;
}

const OPEN_EXTENT = 4;

/** Rows that fit the signature. Throws an Error in words where values do not. */
export function sampleRows(inputs: readonly TensorSpec[], rows: number, options: SampleOptions = {}): SentTensor[] {
  return inputs.map((spec) => joined(spec, Array.from({ length: rows }, (_, row) => sampleRow(spec, row, options))));
}

/** A row given as JSON: by input names, or the value alone where there is one input. */
export function rowValues(inputs: readonly TensorSpec[], value: unknown): RowValues {
  const [only] = inputs;
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isMap && inputs.every(({ name }) => Object.hasOwn(value, name))) return value as RowValues;
  if (only === undefined || inputs.length > 1) throw new Error(`a row needs the inputs ${inputs.map(({ name }) => name).join(', ')} by their names`);
  return { [only.name]: value };
}

interface Row {
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

function sampleRow(spec: TensorSpec, row: number, { values = [], patterned = false, openExtent = OPEN_EXTENT }: SampleOptions): Row {
  const value = values[row % values.length]?.[spec.name];
  const given = Array.isArray(value) ? value.flat(32) as unknown[] : undefined;
  const shape = given === undefined ? closed(spec, row, openExtent) : shapeOf(value);
  if (!fits(shape, spec.shape)) throw new Error(`a value of input ${spec.name} has shape [${shape.join(',')}]; the signature says [${spec.shape.join(',')}]`);
  const count = elements(shape);
  if (given !== undefined && given.length !== count) throw new Error(`a value of input ${spec.name} is nested unevenly`);
  if (patterned && value === undefined) return { shape, bytes: pattern(spec.dtype, count, row) };
  return { shape, bytes: Buffer.concat(Array.from({ length: count }, (_, i) => element(spec, given === undefined ? value : given[i]))) };
}

/** The extents that are -1 filled in; where the input is ragged, each row has another. */
function closed({ shape, ragged }: TensorSpec, row: number, openExtent: number): number[] {
  return shape.map((extent) => {
    if (extent >= 0) return extent;
    return ragged === true ? openExtent + row % 5 : openExtent;
  });
}

function joined({ name, dtype, shape, ragged }: TensorSpec, rows: readonly Row[]): SentTensor {
  const first = rows[0]?.shape ?? [];
  const differ = rows.some((row) => row.shape.join() !== first.join());
  if (differ && ragged !== true) throw new Error(`rows of input ${name} differ in shape, and it is not ragged`);
  return {
    name, dtype, shape: differ ? shape : first, data: Buffer.concat(rows.map(({ bytes }) => bytes)),
    ...(dtype === 'bytes' || ragged === true ? { lengths: rows.map(({ bytes }) => bytes.length) } : {}),
    ...(differ ? { shapes: rows.map((row) => row.shape) } : {}),
  };
}

function pattern(dtype: Dtype, count: number, row: number): Buffer {
  if (dtype === 'bytes') return Buffer.concat(Array.from({ length: count }, (_, i) => text(Buffer.alloc((row + i) % 4 * 5, 0x80 + row + i))));
  return Buffer.from(Uint8Array.from({ length: count * DTYPE_BYTES[dtype] }, (_, i) => (dtype === 'bool' ? (row + i) % 2 : (row * 31 + i * 7 + 1) % 256)));
}

function text(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(bytes.length);
  return Buffer.concat([head, bytes]);
}

function element({ name, dtype }: TensorSpec, value: unknown): Buffer {
  if (dtype === 'bytes') {
    if (value !== undefined && typeof value !== 'string') throw new Error(`a value of input ${name} is no text`);
    return text(Buffer.from(value ?? ''));
  }
  const number = value === undefined ? 0 : Number(value);
  if (typeof value === 'string' || typeof value === 'object' || Number.isNaN(number)) throw new Error(`a value of input ${name} is no number`);
  const bytes = Buffer.alloc(DTYPE_BYTES[dtype]);
  write(new DataView(bytes.buffer, bytes.byteOffset), dtype, number);
  return bytes;
}

function write(view: DataView, dtype: Exclude<Dtype, 'bytes'>, value: number): void {
  switch (dtype) {
    case 'bool': return view.setUint8(0, value === 0 ? 0 : 1);
    case 'uint8': return view.setUint8(0, value);
    case 'int8': return view.setInt8(0, value);
    case 'int16': return view.setInt16(0, value, true);
    case 'uint16': return view.setUint16(0, value, true);
    case 'int32': return view.setInt32(0, value, true);
    case 'uint32': return view.setUint32(0, value, true);
    case 'int64': return view.setBigInt64(0, BigInt(Math.trunc(value)), true);
    case 'uint64': return view.setBigUint64(0, BigInt(Math.trunc(value)), true);
    case 'float16': return view.setUint16(0, float16Bits(value), true);
    case 'bfloat16': return view.setUint16(0, bfloat16Bits(value), true);
    case 'float32': return view.setFloat32(0, value, true);
    case 'float64': return view.setFloat64(0, value, true);
  }
}

function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

export function fits(shape: readonly number[], declared: readonly number[]): boolean {
  return shape.length === declared.length && shape.every((extent, axis) => declared[axis] === -1 || declared[axis] === extent);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
