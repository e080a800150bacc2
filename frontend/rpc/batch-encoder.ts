import type { TensorSpec } from '../../protos/wire.ts';
import { FRAME, MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES, PREFIX_BYTES, frameBytes, padTo8, payloadBytes, writeFrameHead } from '../../protos/wire.ts';
import type { InputColumn, Query } from '../domain/query.ts';
import type { ReplicaBatch, RowSlice } from '../domain/replica.ts';
import type { HeaderTemplate, PlannedInput } from './batch-header.ts';
import { fillTemplate, makeTemplate, packVarying } from './batch-header.ts';
import type { SendBuffers } from './send-buffers.ts';

const MAX_TEMPLATES = 64;

/** A batch on its way out: the first `length` bytes of a pooled buffer that whoever sends it gives back. */
export interface EncodedBatch {
  readonly buffer: Buffer;
  readonly length: number;
}

/** Gathers the rows of a batch from the slabs of their queries straight into one pooled send buffer. */
export class BatchEncoder {
  readonly #buffers: SendBuffers;
  readonly #specs: ReadonlyMap<string, TensorSpec>;
  readonly #templates = new Map<string, HeaderTemplate | undefined>();
  #last: HeaderTemplate | undefined;

  constructor(buffers: SendBuffers, inputs: readonly TensorSpec[]) {
    this.#buffers = buffers;
    this.#specs = new Map(inputs.map((spec) => [spec.name, spec]));
  }

  /** A string says why the batch cannot be a frame at all: it is over the limits of the wire. */
  encode(batch: ReplicaBatch, id: number): EncodedBatch | string {
    const first = batch.slices[0]?.query;
    if (first === undefined) throw new RangeError('a batch without rows');
    const inputs: PlannedInput[] = [];
    let uniform = true;
    for (const column of first.columns) {
      const planned = planInput(column, batch, this.#specs.get(column.name));
      if (planned.lengths !== undefined) uniform = false;
      inputs.push(planned);
    }
    const payload = payloadBytes(inputs);
    if (payload > MAX_PAYLOAD_BYTES) return `a batch of ${payload} bytes; the wire carries at most ${MAX_PAYLOAD_BYTES}`;
    const template = uniform && batch.traceparent === undefined ? this.#template(first.batchKey, inputs) : undefined;
    const header = template?.packed ?? packVarying(batch, inputs, this.#specs);
    if (header.length > MAX_HEADER_BYTES) return `a batch header of ${header.length} bytes; the wire carries at most ${MAX_HEADER_BYTES}`;
    const length = frameBytes(header.length, payload);
    const buffer = this.#buffers.take(length);
    let at = writeFrameHead(buffer, FRAME.batch, id, header, payload);
    if (template !== undefined) fillTemplate(template, buffer, PREFIX_BYTES, batch, inputs);
    const start = at;
    for (let i = 0; i < inputs.length; i++) {
      const aligned = start + padTo8(at - start);
      // What a pooled buffer held before must not leak into the gaps.
      buffer.fill(0, at, aligned);
      const input = inputs[i] as PlannedInput;
      at = gatherInput(buffer, aligned, batch.slices, i, input.column.name);
      if (at - aligned !== input.bytes) throw new RangeError(`input "${input.column.name}": ${at - aligned} bytes gathered, ${input.bytes} planned`);
    }
    return { buffer, length };
  }

  #template(batchKey: string, inputs: readonly PlannedInput[]): HeaderTemplate | undefined {
    if (this.#last?.batchKey === batchKey) return this.#last;
    if (!this.#templates.has(batchKey)) {
      if (this.#templates.size >= MAX_TEMPLATES) this.#templates.clear();
      this.#templates.set(batchKey, makeTemplate(batchKey, inputs));
    }
    return (this.#last = this.#templates.get(batchKey));
  }
}

/** How many bytes one input of all rows takes. `column` is the first query's. */
export function planInput(column: InputColumn, batch: ReplicaBatch, spec: TensorSpec | undefined): PlannedInput {
  if (column.dtype === 'bytes' || spec?.ragged === true || column.spans !== undefined) return planVarying(column, batch, spec);
  return { column, rowBytes: column.rowBytes, bytes: column.rowBytes * batch.rows };
}

function planVarying(column: InputColumn, batch: ReplicaBatch, spec: TensorSpec | undefined): PlannedInput {
  const lengths: number[] = [];
  const shapes: (readonly number[])[] = [];
  const ragged = spec?.ragged === true || column.spans?.shapes !== undefined;
  let bytes = 0;
  for (let s = 0; s < batch.slices.length; s++) {
    const slice = batch.slices[s] as RowSlice;
    const from = columnOf(slice.query, column.name);
    for (let row = slice.first; row < slice.first + slice.count; row++) {
      const length = from.spans?.lengths[row] ?? from.rowBytes;
      lengths.push(length);
      shapes.push(from.spans?.shapes?.[row] ?? from.shape);
      bytes += length;
    }
  }
  return { column, rowBytes: -1, bytes, lengths, ...(ragged && { shapes }) };
}

/** Queries of one `batchKey` have the same inputs, though perhaps not in the same order. */
function columnOf(query: Query, name: string): InputColumn {
  for (const column of query.columns) if (column.name === name) return column;
  throw new TypeError(`rows of one batch lack the input "${name}"`);
}

/** Copies one input of all rows, the `index`th of the first query's, to `target[start…]`; returns where it ends. */
export function gatherInput(target: Buffer, start: number, slices: readonly RowSlice[], index: number, name: string): number {
  let at = start;
  for (let s = 0; s < slices.length; s++) {
    const { query, first, count } = slices[s] as RowSlice;
    const hinted = query.columns[index];
    const column = hinted?.name === name ? hinted : columnOf(query, name);
    at = copyRows(target, at, column, first, count);
  }
  return at;
}

function copyRows(target: Buffer, start: number, column: InputColumn, first: number, count: number): number {
  const { bytes } = column.slab;
  let at = start;
  if (column.spans === undefined && column.strideBytes === column.rowBytes) {
    const from = column.offset + first * column.rowBytes;
    const length = count * column.rowBytes;
    target.set(bytes.subarray(from, from + length), at);
    return at + length;
  }
  for (let row = first; row < first + count; row++) {
    const from = column.spans?.offsets[row] ?? column.offset + row * column.strideBytes;
    const length = column.spans?.lengths[row] ?? column.rowBytes;
    target.set(bytes.subarray(from, from + length), at);
    at += length;
  }
  return at;
}
