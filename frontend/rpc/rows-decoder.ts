import { DTYPE_BYTES } from '../../protos/dtype.ts';
import { parseRows } from '../../protos/parse-headers.ts';
import type { RowsHeader, TensorPart, TensorSpec } from '../../protos/wire.ts';
import { padTo8 } from '../../protos/wire.ts';
import type { OutputColumn, OutputPart } from '../domain/replica.ts';

/** One `rows` frame, checked. */
export interface DecodedRows {
  readonly at: readonly number[];
  readonly part: OutputPart;
  readonly errors: NonNullable<RowsHeader['errors']>;
  /** How it contradicts the signature, though the frame as such is sound: nothing of it may be used. */
  readonly fault?: string;
}

/** Of batches of one size: what the frame said that came last, and what was made of it. */
interface Known {
  readonly header: unknown;
  readonly bytes: number;
  readonly at: readonly number[];
  readonly columns: readonly OutputColumn[];
  readonly errors: DecodedRows['errors'];
}

const MAX_KNOWN = 64;
/** The header of many more is longer than what the frame reader compares: it never comes as the same object, and would only take room. */
const MOST_KNOWN_ROWS = 1024;
const NO_ERRORS: DecodedRows['errors'] = Object.freeze([]);

/**
 * Reads the `rows` frames of one container, whose `outputs` never change. A header that is the very object of an earlier
 * frame (the frame reader sees to that) is not checked again: all that is made of it depends on it, on the length of the
 * payload and on the rows of the batch. Only elements of dtype `bytes` are looked at each time.
 */
export class RowsDecoder {
  readonly #outputs: readonly TensorSpec[];
  readonly #known = new Map<number, Known>();

  constructor(outputs: readonly TensorSpec[]) {
    this.#outputs = outputs;
  }

  /** As `decodeRows`. */
  decode(header: unknown, payload: Uint8Array, rows: number): DecodedRows {
    const known = this.#known.get(rows);
    if (known !== undefined && known.header === header && known.bytes === payload.length) {
      const { at, columns, errors } = known;
      return { at, part: { payload, columns }, errors };
    }
    const decoded = decodeRows(header, payload, rows, this.#outputs);
    const { at, part: { columns }, errors, fault } = decoded;
    if (fault === undefined && at.length + errors.length <= MOST_KNOWN_ROWS && !columns.some(({ part }) => part.dtype === 'bytes')) this.#remember(rows, { header, bytes: payload.length, at, columns, errors });
    return decoded;
  }

  #remember(rows: number, known: Known): void {
    if (this.#known.size === MAX_KNOWN && !this.#known.has(rows)) this.#known.clear();
    this.#known.set(rows, known);
  }
}

/**
 * Reads a `rows` frame of a batch of `rows` rows. Throws `WireError` where the frame contradicts itself (row numbers that
 * the batch has not, tensors that do not fill the payload): such a peer cannot be understood. Where it only breaks what
 * the container itself promised (`outputs`; empty: it promised nothing), `fault` says how.
 */
export function decodeRows(header: unknown, payload: Uint8Array, rows: number, outputs: readonly TensorSpec[]): DecodedRows {
  const { at, outputs: parts = [], errors = NO_ERRORS } = parseRows(header, payload.length, rows);
  const columns: OutputColumn[] = [];
  let fault = at.length > 0 ? againstSignature(parts, outputs) : undefined;
  let end = 0;
  for (const part of parts) {
    const offset = padTo8(end);
    end = offset + part.bytes;
    const column = layOut(part, offset);
    columns.push(column);
    if (part.dtype === 'bytes') fault ??= againstElements(column, payload);
  }
  return { at, part: { payload, columns }, errors, ...(fault !== undefined && { fault }) };
}

/** Where the rows of one tensor lie; that they fill it has been checked. */
function layOut(part: TensorPart, offset: number): OutputColumn {
  const { lengths } = part;
  if (lengths === undefined) return { part, offset, rowBytes: elements(part.shape) * DTYPE_BYTES[part.dtype] };
  const offsets: number[] = [];
  let at = offset;
  for (let row = 0; row < lengths.length; row++) {
    offsets.push(at);
    at += lengths[row] as number;
  }
  return { part, offset, rowBytes: -1, spans: { offsets, lengths } };
}

/** Elements of dtype `bytes` say their own lengths: those must come out even, row by row. */
function againstElements({ part, spans }: OutputColumn, payload: Uint8Array): string | undefined {
  const { offsets = [], lengths = [] } = spans ?? {};
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  for (let row = 0; row < offsets.length; row++) {
    const count = elements(part.shapes?.[row] ?? part.shape);
    let at = offsets[row] as number;
    const end = at + (lengths[row] as number);
    for (let element = 0; element < count && at <= end; element++) at = at + 4 > end ? end + 1 : at + 4 + view.getUint32(at, true);
    if (at !== end) return `output "${part.name}", row ${row}: its ${end - (offsets[row] as number)} bytes are not ${count} elements`;
  }
  return undefined;
}

/** How these outputs contradict each other, and what the container promised (`outputs`; empty: nothing). */
export function againstSignature(parts: readonly TensorPart[], outputs: readonly TensorSpec[]): string | undefined {
  const twice = parts.find(({ name }, i) => parts.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) return `output "${twice.name}" twice`;
  if (outputs.length === 0) return undefined;
  if (parts.length !== outputs.length) return `${parts.length} outputs; the signature has ${outputs.length}`;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as TensorPart;
    const spec = outputs[i]?.name === part.name ? outputs[i] : outputs.find((one) => one.name === part.name);
    if (spec === undefined) return `an output "${part.name}" that the signature has not`;
    const fault = againstSpec(part, spec);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function againstSpec(part: TensorPart, spec: TensorSpec): string | undefined {
  if (part.dtype !== spec.dtype) return `output "${part.name}" of dtype ${part.dtype}; the signature says ${spec.dtype}`;
  if (part.shapes !== undefined && spec.ragged !== true) return `output "${part.name}" has rows of several shapes, and is not declared ragged`;
  for (const shape of part.shapes ?? [part.shape]) {
    if (!fits(shape, spec.shape)) return `output "${part.name}" of shape [${shape.join(', ')}]; the signature says [${spec.shape.join(', ')}]`;
  }
  return undefined;
}

function fits(shape: readonly number[], spec: readonly number[]): boolean {
  return shape.length === spec.length && spec.every((extent, axis) => extent === -1 || extent === shape[axis]);
}

function elements(shape: readonly number[]): number {
  let product = 1;
  for (const extent of shape) product *= extent;
  return product;
}
