import type { TensorSpec } from '../../protos/wire.ts';
import type { Tensor, TensorData } from '../typescript/tensor.ts';
import { elementCount, rowSpan, zeros } from '../typescript/tensor.ts';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half.ts';

/**
 * The sum of each row's elements over all inputs, as numbers: bool counts as 0 and 1, an element of dtype `bytes` as its
 * length, 64-bit integers as the nearest double.
 */
export function rowSums(inputs: Readonly<Record<string, Tensor>>, rows: number): Float64Array {
  const sums = new Float64Array(rows);
  for (const tensor of Object.values(inputs)) {
    const same = tensor.rowShapes === undefined ? tensor.data.length / rows : undefined;
    for (let row = 0, at = 0; row < rows; row++) {
      const end = at + (same ?? elementCount(tensor.rowShapes?.[row] ?? []));
      let sum = 0;
      for (; at < end; at++) sum += elementAt(tensor, at);
      sums[row] = (sums[row] ?? 0) + sum;
    }
  }
  return sums;
}

/** The first element of a row's first input; NaN where the row has none. */
export function firstElement(inputs: Readonly<Record<string, Tensor>>, row: number): number {
  const [tensor] = Object.values(inputs);
  if (tensor === undefined) return Number.NaN;
  const { first, count } = rowSpan(tensor, row);
  return count === 0 ? Number.NaN : elementAt(tensor, first);
}

/** One number a row, repeated over all elements of an output row; dtype `bytes` gets it in decimal. */
export function fillOutput(spec: TensorSpec, values: Float64Array): TensorData {
  const perRow = elementCount(spec.shape);
  if (spec.dtype === 'bytes') return [...values].flatMap((value) => new Array<Buffer>(perRow).fill(Buffer.from(String(value))));
  const data = zeros(spec.dtype, values.length * perRow) as Exclude<TensorData, readonly Uint8Array[]>;
  for (const [row, value] of values.entries()) {
    const from = row * perRow;
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(BigInt(Math.trunc(value)), from, from + perRow);
    else data.fill(encode(spec.dtype, value), from, from + perRow);
  }
  return data;
}

function encode(dtype: TensorSpec['dtype'], value: number): number {
  if (dtype === 'float16') return toFloat16(value);
  if (dtype === 'bfloat16') return toBfloat16(value);
  return dtype === 'bool' ? Number(value !== 0) : value;
}

function elementAt(tensor: Tensor, at: number): number {
  if (tensor.dtype === 'float16') return fromFloat16(tensor.data[at] ?? 0);
  if (tensor.dtype === 'bfloat16') return fromBfloat16(tensor.data[at] ?? 0);
  if (tensor.dtype === 'bytes') return tensor.data[at]?.length ?? 0;
  return Number(tensor.data[at] ?? 0);
}
