import type { Failure } from '../../domain/answer.ts';
import type { InputColumn } from '../../domain/query.ts';
import type { SlabPool, SlabSpan } from '../../domain/slabs.ts';
import { rawBytes, type FittedInput } from './input-plan.ts';

/** Copies raw little-endian elements of all rows into a slab: the column has one holder, who is the caller. */
export function rawColumn(input: FittedInput, bytes: Uint8Array, slabs: SlabPool): InputColumn | Failure {
  const refusal = sizeRefusal(input, bytes.length);
  if (refusal !== undefined) return refusal;
  const span = slabs.allocate(bytes.length);
  span.slab.bytes.set(bytes, span.offset);
  const column = filledColumn(input, span, bytes.length);
  if ('code' in column) slabs.release(span.slab);
  return column;
}

/** Why so many bytes are not the input's elements, as far as their number tells. */
export function sizeRefusal(input: FittedInput, bytes: number): Failure | undefined {
  const wanted = rawBytes(input);
  if (wanted === undefined || wanted === bytes) return undefined;
  return { code: 'wrong_shape', message: `unexpected total byte size ${bytes} for input '${input.spec.name}', expecting ${wanted}` };
}

/**
 * The column whose elements lie in `span`, `bytes` of them, which `sizeRefusal` has passed. A refusal leaves the span to the
 * caller. Elements of dtype `bytes` are walked over, one after another, so that nothing reads beyond them later.
 */
export function filledColumn(input: FittedInput, span: SlabSpan, bytes: number): InputColumn | Failure {
  const { spec, rows, shape } = input;
  const base = { name: spec.name, dtype: spec.dtype, shape: spec.ragged === true ? spec.shape : shape, slab: span.slab, offset: span.offset };
  if (spec.dtype === 'bytes') {
    const rowSpans = rowsOfBytes(input, span, bytes);
    return 'code' in rowSpans ? rowSpans : { ...base, strideBytes: 0, rowBytes: 0, spans: spec.ragged === true ? { ...rowSpans, shapes: rowSpans.offsets.map(() => shape) } : rowSpans };
  }
  if (spec.dtype === 'bool') {
    for (let at = span.offset; at < span.offset + bytes; at++) {
      if ((span.slab.bytes[at] ?? 2) > 1) return { code: 'wrong_dtype', message: `a byte of input '${spec.name}' is neither 0 nor 1` };
    }
  }
  const rowBytes = bytes / rows;
  if (spec.ragged !== true) return { ...base, strideBytes: rowBytes, rowBytes };
  const offsets = Array.from({ length: rows }, (_, row) => span.offset + row * rowBytes);
  return { ...base, strideBytes: 0, rowBytes: 0, spans: { offsets, lengths: offsets.map(() => rowBytes), shapes: offsets.map(() => shape) } };
}

/** Where each row of length-prefixed elements lies. */
function rowsOfBytes({ spec, rows, elements }: FittedInput, span: SlabSpan, bytes: number): { offsets: number[]; lengths: number[] } | Failure {
  const { slab, offset } = span;
  const view = new DataView(slab.bytes.buffer, slab.bytes.byteOffset, slab.bytes.length);
  const end = offset + bytes;
  const offsets: number[] = [];
  const lengths: number[] = [];
  let at = offset;
  for (let row = 0; row < rows; row++) {
    const begin = at;
    for (let element = 0; element < elements; element++) {
      at = at + 4 <= end ? at + 4 + view.getUint32(at, true) : Number.POSITIVE_INFINITY;
      if (at > end) return { code: 'wrong_shape', message: `unexpected end of data for input '${spec.name}': ${bytes} bytes do not hold ${rows * elements} elements` };
    }
    offsets.push(begin);
    lengths.push(at - begin);
  }
  if (at < end) return { code: 'wrong_shape', message: `unexpected total byte size ${bytes} for input '${spec.name}', expecting ${at - offset}` };
  return { offsets, lengths };
}
