import type { Dtype } from '../../protos/dtype.ts';
import { DTYPE_BYTES } from '../../protos/dtype.ts';

/**
 * Elements of a tensor in memory, row-major. float16 and bfloat16 are their raw 16 bits; bool is one byte, 0 or 1;
 * `bytes` has one entry per element.
 */
export interface DataOf {
  readonly bool: Uint8Array;
  readonly int8: Int8Array;
  readonly int16: Int16Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly uint8: Uint8Array;
  readonly uint16: Uint16Array;
  readonly uint32: Uint32Array;
  readonly uint64: BigUint64Array;
  readonly float16: Uint16Array;
  readonly bfloat16: Uint16Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly bytes: readonly Uint8Array[];
}
export type TensorData = DataOf[Dtype];
export type NumericData = DataOf[Exclude<Dtype, 'bytes'>];

export interface TensorOf<D extends Dtype> {
  readonly dtype: D;
  /** Batch axis first: `[rows, …]`. Where rows differ in shape, -1 in the extents that differ. */
  readonly shape: readonly number[];
  /** All rows, one after another, without gaps. */
  readonly data: DataOf[D];
  /** The shape of each row, batch axis left out. Only where rows differ. */
  readonly rowShapes?: readonly (readonly number[])[];
}
/** A named tensor of a batch; `dtype` tells which array `data` is. */
export type Tensor = { readonly [D in Dtype]: TensorOf<D> }[Dtype];

const ARRAYS = Object.freeze({
  bool: Uint8Array, int8: Int8Array, int16: Int16Array, int32: Int32Array, int64: BigInt64Array,
  uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: BigUint64Array,
  float16: Uint16Array, bfloat16: Uint16Array, float32: Float32Array, float64: Float64Array,
});

/** Elements of a row of this shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  let product = 1;
  for (const extent of shape) product *= extent;
  return product;
}

/** `[8, 8]`, for messages. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** First element and number of elements of row `row`. */
export function rowSpan(tensor: Tensor, row: number): { readonly first: number; readonly count: number } {
  if (tensor.rowShapes === undefined) {
    const count = elementCount(tensor.shape.slice(1));
    return { first: row * count, count };
  }
  let first = 0;
  for (let i = 0; i < row; i++) first += elementCount(tensor.rowShapes[i] ?? []);
  return { first, count: elementCount(tensor.rowShapes[row] ?? []) };
}

/** An array of this dtype with `count` elements, all zero (`bytes`: all empty). */
export function zeros(dtype: Dtype, count: number): TensorData {
  if (dtype === 'bytes') return Array.from({ length: count }, () => Buffer.alloc(0));
  return new ARRAYS[dtype](count);
}

/** Whether `data` is the array in which elements of this dtype come. */
export function isDataOf(dtype: Dtype, data: unknown): data is TensorData {
  if (dtype === 'bytes') return Array.isArray(data) && data.every((element) => typeof element === 'string' || element instanceof Uint8Array);
  return data instanceof ARRAYS[dtype];
}

/**
 * The elements in `bytes` bytes of `payload` from `offset` on, as a view where they are aligned (always so when the
 * frame begins at a multiple of 8), else as a copy.
 */
export function viewElements(dtype: Exclude<Dtype, 'bytes'>, payload: Uint8Array, offset: number, bytes: number): NumericData {
  const size = DTYPE_BYTES[dtype];
  const start = payload.byteOffset + offset;
  if (start % size === 0) return new ARRAYS[dtype](payload.buffer as ArrayBuffer, start, bytes / size);
  const copy = new Uint8Array(bytes);
  copy.set(payload.subarray(offset, offset + bytes));
  return new ARRAYS[dtype](copy.buffer);
}

/**
 * Elements of dtype `bytes` in `payload[offset … offset + bytes)`: each a u32 length, then that many bytes.
 * undefined where the lengths do not come out even, or there are not `count` of them. The entries are views.
 */
export function cutElements(payload: Buffer, offset: number, bytes: number, count: number): Buffer[] | undefined {
  const end = offset + bytes;
  const elements: Buffer[] = [];
  let at = offset;
  for (let i = 0; i < count; i++) {
    if (at + 4 > end) return undefined;
    const length = payload.readUInt32LE(at);
    at += 4;
    if (length > end - at) return undefined;
    elements.push(payload.subarray(at, at + length));
    at += length;
  }
  return at === end ? elements : undefined;
}

/** Elements of dtype `bytes` as they lie on the wire. */
export function joinElements(elements: readonly (Uint8Array | string)[]): Buffer {
  let total = 0;
  for (const element of elements) total += 4 + byteLength(element);
  const joined = Buffer.allocUnsafe(total);
  let at = 0;
  for (const element of elements) {
    const length = byteLength(element);
    joined.writeUInt32LE(length, at);
    at += 4;
    if (typeof element === 'string') joined.write(element, at, 'utf8');
    else joined.set(element, at);
    at += length;
  }
  return joined;
}

export function byteLength(element: Uint8Array | string): number {
  return typeof element === 'string' ? Buffer.byteLength(element) : element.length;
}
