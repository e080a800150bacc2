import type { TensorSpec } from '../../protos/wire.ts';
import { FRAME, MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES, PREFIX_BYTES, frameBytes, padTo8, payloadBytes, writeFrameHead } from '../../protos/wire.ts';
import type { InputColumn, Slab } from '../domain/query.ts';
import type { ReplicaBatch, RowSlice } from '../domain/replica.ts';
import type { SlabPool } from '../domain/slabs.ts';
import type { PlannedInput } from './batch-header.ts';
import { fillTemplate, HeaderTemplates, packVarying } from './batch-header.ts';
import { collectRuns, columnOf, type RowRun } from './row-runs.ts';
import type { SendBuffers } from './send-buffers.ts';
import type { SharedMemory } from './shared-memory.ts';

/** A smaller batch is copied whole into its frame: what the kernel wants to know of each further piece costs more than that. */
const DIRECT_BATCH_BYTES = 32 * 1024;
/** So many bytes that lie together are left where they are; fewer are copied. */
const DIRECT_RUN_BYTES = 2048;
const NO_SLABS: readonly Slab[] = Object.freeze([]);

/**
 * A batch on its way out: `pieces` are its bytes, in order. They are views of a pooled buffer and, where many bytes lie
 * together, of the slabs of its queries, which are held until `BatchEncoder.giveBack`.
 */
export interface EncodedBatch {
  readonly pieces: readonly Uint8Array[];
  readonly buffer: Buffer;
  readonly slabs: readonly Slab[];
  /** Where its payload lies in the shared memory, until the container is done with it; undefined where the pieces hold it. */
  readonly shared: number | undefined;
}

/** Memory that a container reads too, as far as it is written here. */
export type BatchMemory = Pick<SharedMemory, 'take' | 'give' | 'write'>;

/** Who counts the users of slabs, as far as those who hold one for a while need it. */
export type SlabHolder = Pick<SlabPool, 'retain' | 'release'>;

/**
 * Makes frames of batches. What is small is gathered from the slabs of the queries into one pooled send buffer; large runs of
 * rows are not copied at all, so that the kernel's copy is the only one. With shared memory, large payloads go there.
 */
export class BatchEncoder {
  readonly #buffers: SendBuffers;
  readonly #slabs: SlabHolder | undefined;
  readonly #specs: ReadonlyMap<string, TensorSpec>;
  readonly #templates = new HeaderTemplates({ shared: false });
  readonly #sharedTemplates = new HeaderTemplates({ shared: true });
  #memory: BatchMemory | undefined;

  /** Without `slabs` every row is copied. */
  constructor({ buffers, slabs }: { readonly buffers: SendBuffers; readonly slabs?: SlabHolder | undefined }, inputs: readonly TensorSpec[]) {
    this.#buffers = buffers;
    this.#slabs = slabs;
    this.#specs = new Map(inputs.map((spec) => [spec.name, spec]));
  }

  /** The container has opened `memory`: large payloads lie there from now on. */
  share(memory: BatchMemory): void {
    this.#memory = memory;
  }

  /** A string says why the batch cannot be a frame at all: it is over the limits of the wire. */
  encode(batch: ReplicaBatch, id: number): EncodedBatch | string {
    const first = batch.slices[0]?.query;
    if (first === undefined) throw new RangeError('a batch without rows');
    const inputs: PlannedInput[] = [];
    let uniform = batch.traceparent === undefined;
    for (const column of first.columns) {
      const planned = planInput(column, batch, this.#specs.get(column.name));
      if (planned.lengths !== undefined) uniform = false;
      inputs.push(planned);
    }
    const payload = payloadBytes(inputs);
    if (payload > MAX_PAYLOAD_BYTES) return `a batch of ${payload} bytes; the wire carries at most ${MAX_PAYLOAD_BYTES}`;
    const shared = payload < DIRECT_BATCH_BYTES || this.#memory === undefined ? undefined : this.#write(this.#memory, batch, inputs, payload);
    const numbers = { batch, inputs, shared };
    const template = uniform ? (shared === undefined ? this.#templates : this.#sharedTemplates).of(first.batchKey, inputs) : undefined;
    const header = template?.packed ?? packVarying(numbers, this.#specs);
    if (header.length > MAX_HEADER_BYTES) {
      if (shared !== undefined) this.#memory?.give(shared);
      return `a batch header of ${header.length} bytes; the wire carries at most ${MAX_HEADER_BYTES}`;
    }
    const inFrame = shared === undefined ? payload : 0;
    const runs = inFrame < DIRECT_BATCH_BYTES || this.#slabs === undefined ? undefined : collectDirect(batch, inputs);
    const length = frameBytes(header.length, runs === undefined ? inFrame : runs.copiedBytes);
    const buffer = this.#buffers.take(length);
    const start = writeFrameHead(buffer, FRAME.batch, id, header, inFrame);
    if (template !== undefined) fillTemplate(template, buffer, PREFIX_BYTES, numbers);
    if (runs !== undefined) {
      const { pieces, slabs } = lay(buffer, start, runs.byInput);
      for (const slab of slabs) this.#slabs?.retain(slab);
      return { pieces, buffer, slabs, shared };
    }
    if (shared === undefined) gatherInputs(buffer, start, batch, inputs);
    return { pieces: [buffer.subarray(0, length)], buffer, slabs: NO_SLABS, shared };
  }

  /** A batch that `encode` made has left, or never will: nothing reads its bytes any more. */
  giveBack({ buffer, slabs }: EncodedBatch): void {
    this.#buffers.give(buffer);
    for (const slab of slabs) this.#slabs?.release(slab);
  }

  /** Copies the payload into the shared memory, and says where to; undefined where that has no room. */
  #write(memory: BatchMemory, batch: ReplicaBatch, inputs: readonly PlannedInput[], payload: number): number | undefined {
    const at = memory.take(payload);
    if (at === undefined) return undefined;
    const runs = collectDirect(batch, inputs);
    const buffer = this.#buffers.take(runs?.copiedBytes ?? payload);
    if (runs === undefined) gatherInputs(buffer, 0, batch, inputs);
    const written = memory.write(runs === undefined ? [buffer.subarray(0, payload)] : lay(buffer, 0, runs.byInput).pieces, at);
    this.#buffers.give(buffer);
    if (written) return at;
    memory.give(at);
    return undefined;
  }
}

/** The runs of each input, and how many bytes of the payload, gaps included, are to be copied all the same; undefined where all are. */
function collectDirect({ slices }: ReplicaBatch, inputs: readonly PlannedInput[]): { byInput: readonly RowRun[][]; copiedBytes: number } | undefined {
  const byInput: RowRun[][] = [];
  let copiedBytes = 0;
  let direct = false;
  for (let i = 0; i < inputs.length; i++) {
    const { column, bytes } = inputs[i] as PlannedInput;
    const runs = collectRuns(slices, i, column.name);
    byInput.push(runs);
    let found = 0;
    for (const run of runs) {
      const length = run.end - run.start;
      found += length;
      if (isDirect(run)) direct = true;
      else copiedBytes += length;
    }
    if (found !== bytes) throw notPlanned(column, found, bytes);
    // The gap before the next input.
    copiedBytes += 7;
  }
  return direct ? { byInput, copiedBytes } : undefined;
}

/** Lays out the payload behind the first `start` bytes of `buffer`: pieces of it and, in `slabs`, where the others lie. */
function lay(buffer: Buffer, start: number, byInput: readonly RowRun[][]): { readonly pieces: Uint8Array[]; readonly slabs: Slab[] } {
  const pieces: Uint8Array[] = [];
  const slabs: Slab[] = [];
  let from = 0;
  let at = start;
  let laid = 0;
  for (const runs of byInput) {
    const gap = padTo8(laid) - laid;
    buffer.fill(0, at, at + gap);
    at += gap;
    laid += gap;
    for (const run of runs) {
      const view = run.slab.bytes.subarray(run.start, run.end);
      laid += view.length;
      if (!isDirect(run)) {
        buffer.set(view, at);
        at += view.length;
        continue;
      }
      if (at > from) pieces.push(buffer.subarray(from, at));
      from = at;
      pieces.push(view);
      slabs.push(run.slab);
    }
  }
  if (at > from) pieces.push(buffer.subarray(from, at));
  return { pieces, slabs };
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
    const from = columnOf(slice.query, -1, column.name);
    for (let row = slice.first; row < slice.first + slice.count; row++) {
      const length = from.spans?.lengths[row] ?? from.rowBytes;
      lengths.push(length);
      shapes.push(from.spans?.shapes?.[row] ?? from.shape);
      bytes += length;
    }
  }
  return { column, rowBytes: -1, bytes, lengths, ...(ragged && { shapes }) };
}

/** Copies all inputs to `target[start…]`, aligned. */
function gatherInputs(target: Buffer, start: number, { slices }: ReplicaBatch, inputs: readonly PlannedInput[]): void {
  let at = start;
  for (let i = 0; i < inputs.length; i++) {
    const { column, bytes } = inputs[i] as PlannedInput;
    const aligned = start + padTo8(at - start);
    // What a pooled buffer held before must not leak into the gaps.
    target.fill(0, at, aligned);
    at = gatherInput(target, aligned, slices, i, column.name);
    if (at - aligned !== bytes) throw notPlanned(column, at - aligned, bytes);
  }
}

function notPlanned({ name }: InputColumn, found: number, planned: number): RangeError {
  return new RangeError(`input "${name}": ${found} bytes gathered, ${planned} planned`);
}

/** A slab that no pool counts cannot be held: its index is negative. */
function isDirect({ slab, start, end }: RowRun): boolean {
  return end - start >= DIRECT_RUN_BYTES && slab.index >= 0;
}

/** Copies one input of all rows, the `index`th of the first query's, to `target[start…]`; returns where it ends. */
export function gatherInput(target: Buffer, start: number, slices: readonly RowSlice[], index: number, name: string): number {
  let at = start;
  for (let s = 0; s < slices.length; s++) {
    const { query, first, count } = slices[s] as RowSlice;
    const column = columnOf(query, index, name);
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
