import { DTYPE_BYTES, type Dtype } from '../../../protos/dtype.ts';
import { tensorflowWord } from '../../../protos/tensorflow-datatype.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import type { InputColumn } from '../../domain/query.ts';
import { refuse, type TfsRefusal } from '../../protocols/tfs/refusal.ts';
import { stringColumn } from './string-tensor.ts';
import type { TensorHead, TensorLimits } from './tensor-head.ts';
import { fillTyped } from './typed-values.ts';

/**
 * A tensor as a model's input: its first dimension is the rows. Elements go straight from the message into a slab that the
 * column's holder releases; a refusal holds none.
 */
export function readColumn(message: Buffer, tensor: TensorHead, spec: TensorSpec, limits: TensorLimits): { readonly column: InputColumn; readonly rows: number } | TfsRefusal {
  const { dtype, shape } = tensor;
  if (dtype !== spec.dtype) {
    return refuse('wrong_dtype', `Input tensor: ${spec.name} is expected to be ${tensorflowWord(spec.dtype)} but ${dtype === undefined ? `type ${tensor.number}` : tensorflowWord(dtype)} is provided`);
  }
  if (shape === undefined) return refuse('wrong_shape', `Input tensor: ${spec.name} has no shape information`);
  const [rows, ...given] = shape;
  const row = rows === undefined || rows < 0 ? undefined : fitted(given, spec.shape);
  if (rows === undefined || row === undefined) {
    return refuse('wrong_shape', `Input tensor: ${spec.name} has shape [${shape.join(',')}] expecting: [${[-1, ...spec.shape].map((extent) => (extent < 0 ? '?' : extent)).join(',')}]`);
  }
  if (rows === 0) return refuse('empty_inputs', `Input tensor: ${spec.name} has no rows`);
  if (rows > limits.maxRows) return refuse('too_many_rows', `Input tensor: ${spec.name} has ${rows} rows; a request has at most ${limits.maxRows}`);
  const elements = row.reduce((product, extent) => product * extent, 1);
  const bytes = rows * elements * Math.max(1, DTYPE_BYTES[dtype]);
  if (bytes > limits.maxBytes) return refuse('body_too_large', `Input tensor: ${spec.name} has more than ${limits.maxBytes} bytes`);
  const place = { name: spec.name, shape: row, rows, elements };
  const column = dtype === 'bytes' ? stringColumn(message, tensor, place, limits) : numberColumn(message, tensor, { ...place, dtype }, limits);
  return 'code' in column ? column : { column, rows };
}

function numberColumn(message: Buffer, tensor: TensorHead, { name, dtype, shape, rows, elements }: { name: string; dtype: Exclude<Dtype, 'bytes'>; shape: readonly number[]; rows: number; elements: number }, { slabs }: TensorLimits): InputColumn | TfsRefusal {
  const rowBytes = elements * DTYPE_BYTES[dtype];
  const { from, length } = tensor.content;
  if (length > 0 && length !== rows * rowBytes) {
    return refuse('wrong_shape', `Input tensor: ${name} has ${length} bytes of tensor_content; its shape [${[rows, ...shape].join(',')}] of ${tensorflowWord(dtype)} has ${rows * rowBytes}`);
  }
  const { slab, offset } = slabs.allocate(rows * rowBytes);
  let fault: string | undefined;
  try {
    fault = 'unfinished';
    if (length > 0) {
      slab.bytes.set(message.subarray(from, from + length), offset);
      fault = dtype === 'bool' && !areBooleans(slab.bytes, offset, length) ? 'a byte of a bool is neither 0 nor 1' : undefined;
    } else {
      fault = fillTyped(message, tensor.at, dtype, new DataView(slab.bytes.buffer, slab.bytes.byteOffset + offset, rows * rowBytes));
    }
  } finally {
    if (fault !== undefined) slabs.release(slab);
  }
  if (fault !== undefined) return refuse('wrong_dtype', `Input tensor: ${name}: ${fault}`);
  return { name, dtype, shape, slab, offset, strideBytes: rowBytes, rowBytes };
}

/** The shape of a row where it fits what the model expects (-1: any extent); a scalar does for one element. */
function fitted(given: readonly number[], expected: readonly number[]): readonly number[] | undefined {
  if (given.length === 0 && expected.length === 1 && expected[0] === 1) return expected;
  return given.length === expected.length && given.every((extent, axis) => extent >= 0 && ((expected[axis] ?? 0) < 0 || extent === expected[axis])) ? given : undefined;
}

function areBooleans(bytes: Uint8Array, from: number, length: number): boolean {
  for (let at = from; at < from + length; at++) if ((bytes[at] ?? 2) > 1) return false;
  return true;
}
