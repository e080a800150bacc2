import { DTYPE_BYTES } from '../../protos/dtype.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import { batchKeyOf } from '../domain/batch-key.ts';
import type { ModelSpec, Signature } from '../domain/model.ts';
import { DEFAULT_WARM_UP } from '../domain/model.ts';
import type { InputColumn, Query } from '../domain/query.ts';

/** One batch of a warm-up. */
export interface WarmUpRequest {
  /** What it is called where it fails. */
  readonly name: string;
  readonly query: Query;
}

/** The query that a recorded body is to a model of these inputs; a string says why it is none. */
export type ParseBody = (body: string, inputs: Signature['inputs']) => Pick<Query, 'columns' | 'rows' | 'batchKey' | 'many'> | string;

/** So many recorded requests are asked at most, as TensorFlow Serving does. */
export const MOST_RECORDED = 1000;
const NO_SLAB = -1;

/** Batch sizes that a new replica is asked: those that its model's words name, else those that batches are filled up to. */
export function warmUpSizes({ warmUp, batching }: ModelSpec, maxBatch: number): readonly number[] {
  const sizes = warmUp?.sizes ?? batching.allowedBatchSizes ?? [];
  return [...new Set(sizes)].filter((size) => size <= maxBatch).toSorted((a, b) => a - b);
}

export function warmUpOf(spec: ModelSpec): NonNullable<ModelSpec['warmUp']> {
  return spec.warmUp ?? DEFAULT_WARM_UP;
}

/** `rows` rows of zeros (false, empty text) for these inputs; an extent that may be any is 1. */
export function zeros(inputs: readonly TensorSpec[], rows: number): WarmUpRequest {
  return { name: `${rows} ${rows === 1 ? 'row' : 'rows'} of zeros`, query: warmUpQuery({ columns: inputs.map((input) => zeroColumn(input, rows)), rows, many: rows > 1 }) };
}

/** A query that nobody waits for: the part of it that a replica sees. */
export function warmUpQuery({ columns, rows, many, batchKey }: Pick<Query, 'columns' | 'rows' | 'many'> & { readonly batchKey?: string }): Query {
  return {
    slot: -1, app: '', arrivedAtMicros: 0, sloMicros: 0, deadlineAtMicros: 0, rows, many, columns, explain: false,
    batchKey: batchKey ?? batchKeyOf(columns, columns.map(({ shape }) => shape)),
  };
}

function zeroColumn({ name, dtype, shape, ragged }: TensorSpec, rows: number): InputColumn {
  const own = shape.map((extent) => (extent === -1 ? 1 : extent));
  const elements = own.reduce((product, extent) => product * extent, 1);
  // An element of dtype `bytes` is its length, 0, and nothing more.
  const rowBytes = elements * (dtype === 'bytes' ? 4 : DTYPE_BYTES[dtype]);
  const lengths = Array.from({ length: rows }, () => rowBytes);
  const varies = dtype === 'bytes' || ragged === true;
  return {
    name, dtype, shape: own, slab: { index: NO_SLAB, bytes: new Uint8Array(rows * rowBytes) }, offset: 0, strideBytes: rowBytes, rowBytes,
    ...(varies ? { spans: { lengths, offsets: lengths.map((length, row) => row * length), ...(ragged === true ? { shapes: lengths.map(() => own) } : {}) } } : {}),
  };
}
