import type { Dtype } from '../../../protos/dtype.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether JSON has a form for such elements: the 16-bit floats have none. */
export function hasJsonForm(dtype: Dtype): boolean {
  return dtype !== 'float16' && dtype !== 'bfloat16';
}

/** Raw elements as the inside of a JSON array. `bytes` begins at a multiple of 8. undefined where JSON has no form for a value. */
export function dataText(dtype: Dtype, bytes: Buffer): string | undefined {
  if (dtype === 'bytes') return texts(bytes);
  if (dtype === 'bool') return Array.from(bytes, (value) => value !== 0).join();
  const array = arrayOf(dtype, bytes);
  if (array === undefined) return undefined;
  // NaN and the infinities are no JSON.
  if ((array instanceof Float32Array || array instanceof Float64Array) && !array.every(Number.isFinite)) return undefined;
  return array.join();
}

/** The raw elements of `data`, flat or nested; undefined where it holds anything else. `null` is a float that is not finite: JSON has no word for it. */
export function dataBytes(dtype: Dtype, data: unknown): Uint8Array | undefined {
  if (!Array.isArray(data) || !hasJsonForm(dtype)) return undefined;
  const flat: unknown[] = data.some(Array.isArray) ? data.flat(32) : data;
  switch (dtype) {
    case 'bytes': return flat.every((value) => typeof value === 'string') ? packTexts(flat) : undefined;
    case 'bool': return flat.every((value) => typeof value === 'boolean') ? Uint8Array.from(flat, Number) : undefined;
    case 'int64': case 'uint64': return flat.every(isWhole) ? bigBytes(dtype, flat.map(BigInt)) : undefined;
    case 'float32': case 'float64': return flat.every(isFloat) ? numberBytes(dtype, flat.map((value) => Number(value ?? Number.NaN))) : undefined;
    default: return flat.every((value) => typeof value === 'number') ? numberBytes(dtype, flat) : undefined;
  }
}

type NumberArray = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

function arrayOf(dtype: Dtype, { buffer, byteOffset, length }: Buffer): NumberArray | BigInt64Array | BigUint64Array | undefined {
  switch (dtype) {
    case 'int8': return new Int8Array(buffer, byteOffset, length);
    case 'int16': return new Int16Array(buffer, byteOffset, length / 2);
    case 'int32': return new Int32Array(buffer, byteOffset, length / 4);
    case 'int64': return new BigInt64Array(buffer, byteOffset, length / 8);
    case 'uint8': return new Uint8Array(buffer, byteOffset, length);
    case 'uint16': return new Uint16Array(buffer, byteOffset, length / 2);
    case 'uint32': return new Uint32Array(buffer, byteOffset, length / 4);
    case 'uint64': return new BigUint64Array(buffer, byteOffset, length / 8);
    case 'float32': return new Float32Array(buffer, byteOffset, length / 4);
    case 'float64': return new Float64Array(buffer, byteOffset, length / 8);
    case 'float16': case 'bfloat16': case 'bool': case 'bytes': return undefined;
  }
}

function numberBytes(dtype: Dtype, values: readonly number[]): Uint8Array | undefined {
  switch (dtype) {
    case 'int8': return wholeBytes(Int8Array.from(values), values);
    case 'int16': return wholeBytes(Int16Array.from(values), values);
    case 'int32': return wholeBytes(Int32Array.from(values), values);
    case 'uint8': return wholeBytes(Uint8Array.from(values), values);
    case 'uint16': return wholeBytes(Uint16Array.from(values), values);
    case 'uint32': return wholeBytes(Uint32Array.from(values), values);
    case 'float32': return rawOf(Float32Array.from(values));
    case 'float64': return rawOf(Float64Array.from(values));
    default: return undefined;
  }
}

/** Undefined where a value is no integer, or none of this width: the array holds what was left of it. */
function wholeBytes(array: NumberArray, values: readonly number[]): Uint8Array | undefined {
  return values.every((value, i) => array[i] === value) ? rawOf(array) : undefined;
}

function rawOf({ buffer, byteOffset, byteLength }: NumberArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A float that is whole may come as the integer that it is, with more digits than a number takes exactly. */
function isFloat(value: unknown): value is number | bigint | null {
  return typeof value === 'number' || typeof value === 'bigint' || value === null;
}

function isWhole(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isInteger(value);
}

function bigBytes(dtype: 'int64' | 'uint64', values: readonly bigint[]): Uint8Array | undefined {
  const array = dtype === 'int64' ? BigInt64Array.from(values) : BigUint64Array.from(values);
  return values.every((value, i) => array[i] === value) ? new Uint8Array(array.buffer) : undefined;
}

function texts(bytes: Buffer): string | undefined {
  const all: string[] = [];
  try {
    for (let at = 0; at < bytes.length;) {
      const end = at + 4 + bytes.readUInt32LE(at);
      all.push(JSON.stringify(utf8.decode(bytes.subarray(at + 4, end))));
      at = end;
    }
    return all.join();
  } catch {
    return undefined;
  }
}

function packTexts(values: readonly string[]): Uint8Array {
  return Buffer.concat(values.flatMap((value) => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(Buffer.byteLength(value));
    return [head, Buffer.from(value)];
  }));
}
