import { isUtf8 } from 'node:buffer';
import type { Dtype } from '../../protos/dtype.ts';
import type { OutputTensor } from '../domain/answer.ts';
import { float32Decimal } from './float32-decimal.ts';

/**
 * One tensor as nested JSON arrays by its shape; a scalar (shape `[]`) as the bare value.
 *
 * Every number is the shortest that gives its element back in the tensor's dtype, 64-bit integers all their digits. JSON
 * has no word for numbers that are not finite: they are `null`. An element of dtype `bytes` is a string where it is
 * UTF-8, else `{"b64": "…"}`.
 */
export function tensorJson(tensor: OutputTensor, print: Printers = PLAIN): string {
  const { slab, offset, lengthBytes, dtype, shape } = tensor;
  const view = new DataView(slab.bytes.buffer, slab.bytes.byteOffset + offset, lengthBytes);
  return dtype === 'bytes' ? nest(shape, 0, bytesCursor(view, print.bytes)) : nest(shape, 0, numberCursor(view, print[dtype]));
}

/** How elements are written. */
export type Printers = Readonly<Record<Exclude<Dtype, 'bytes'>, Printer>> & { readonly bytes: (element: Buffer) => string };

/** Printers by how floats are written: those that fit a float32, and doubles. Integers have one form; bytes are as said above unless told otherwise. */
export function printers(single: (x: number) => string, double: (x: number) => string, bytes: (element: Buffer) => string = bytesJson): Printers {
  return Object.freeze({
    bytes,
    bool: { bytes: 1, print: (view, at) => (view.getUint8(at) === 0 ? 'false' : 'true') },
    int8: { bytes: 1, print: (view, at) => String(view.getInt8(at)) },
    uint8: { bytes: 1, print: (view, at) => String(view.getUint8(at)) },
    int16: { bytes: 2, print: (view, at) => String(view.getInt16(at, true)) },
    uint16: { bytes: 2, print: (view, at) => String(view.getUint16(at, true)) },
    int32: { bytes: 4, print: (view, at) => String(view.getInt32(at, true)) },
    uint32: { bytes: 4, print: (view, at) => String(view.getUint32(at, true)) },
    int64: { bytes: 8, print: (view, at) => String(view.getBigInt64(at, true)) },
    uint64: { bytes: 8, print: (view, at) => String(view.getBigUint64(at, true)) },
    float16: { bytes: 2, print: (view, at) => single(halfFloat(view.getUint16(at, true))) },
    bfloat16: { bytes: 2, print: (view, at) => single(brainFloat(view.getUint16(at, true))) },
    float32: { bytes: 4, print: (view, at) => single(view.getFloat32(at, true)) },
    float64: { bytes: 8, print: (view, at) => double(view.getFloat64(at, true)) },
  } satisfies Printers);
}

/** All elements in a row, separated by commas: the inside of a flat JSON array. */
export function elementsJson(dtype: Dtype, bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (dtype !== 'bytes') {
    const { bytes: size, print } = PLAIN[dtype];
    let text = '';
    for (let at = 0; at < bytes.length; at += size) text += at === 0 ? print(view, at) : `,${print(view, at)}`;
    return text;
  }
  const next = bytesCursor(view, PLAIN.bytes);
  const elements: string[] = [];
  for (let at = 0; at < bytes.length; at += 4 + view.getUint32(at, true)) elements.push(next());
  return elements.join(',');
}

/** Gives the elements one after another, as JSON. */
type Cursor = () => string;

function nest(shape: readonly number[], axis: number, next: Cursor): string {
  const extent = shape[axis];
  if (extent === undefined) return next();
  let text = '[';
  for (let i = 0; i < extent; i++) {
    if (i > 0) text += ',';
    text += nest(shape, axis + 1, next);
  }
  return `${text}]`;
}

function numberCursor(view: DataView, { bytes, print }: Printer): Cursor {
  let at = -bytes;
  return () => print(view, (at += bytes));
}

function bytesCursor(view: DataView, print: (element: Buffer) => string): Cursor {
  let at = 0;
  return () => {
    const length = view.getUint32(at, true);
    const element = Buffer.from(view.buffer, view.byteOffset + at + 4, length);
    at += 4 + length;
    return print(element);
  };
}

function bytesJson(element: Buffer): string {
  return isUtf8(element) ? JSON.stringify(element.toString('utf8')) : `{"b64":"${element.toString('base64')}"}`;
}

interface Printer {
  readonly bytes: number;
  readonly print: (view: DataView, at: number) => string;
}

/** A double as JSON: the shortest decimal that gives it back, -0 included; `null` where it is not finite. */
export function numberJson(x: number): string {
  if (x === 0) return 1 / x < 0 ? '-0' : '0';
  return Number.isFinite(x) ? String(x) : 'null';
}

/** A float16 or bfloat16 is a float32 too: its decimal gives either back. */
function single(x: number): string {
  return Number.isFinite(x) ? float32Decimal(x) : 'null';
}

const PLAIN = printers(single, numberJson);

/** IEEE 754 binary16 from its bits. */
function halfFloat(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (fraction + 1024) * 2 ** (exponent - 25);
}

const scratch = new DataView(new ArrayBuffer(4));
/** bfloat16 is the upper half of a float32. */
function brainFloat(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}
