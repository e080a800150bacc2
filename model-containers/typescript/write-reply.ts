import { DTYPE_BYTES } from '../../protos/dtype.ts';
import type { DoneHeader, RowsHeader, TensorPart } from '../../protos/wire.ts';
import { FRAME, frameBytes, MAX_PAYLOAD_BYTES, packHeader, padTo8, payloadBytes, writeFrameHead } from '../../protos/wire.ts';
import type { OutputColumn } from './check-outputs.ts';
import { PredictError } from './predict.ts';
import { elementCount } from './tensor.ts';

export interface RowFailure {
  readonly row: number;
  readonly code: string;
  readonly message: string;
}
/** The rows of one batch, answered or failed. */
export interface AnsweredRows {
  readonly rows: number;
  readonly columns: readonly OutputColumn[];
  readonly failures: readonly RowFailure[];
}

/** One frame of a reply: its packed header, how many bytes follow it, and what they are. */
export interface RowsFrame {
  readonly header: Uint8Array;
  readonly payload: number;
  readonly parts: readonly TensorPart[];
  readonly rows: readonly number[];
}
/** Rows frames, planned to the byte. */
export interface RowsPlan {
  readonly answered: AnsweredRows;
  readonly frames: readonly RowsFrame[];
}

/** Rows are spread over frames of about this many bytes, so that no frame comes near the limit. */
const ROWS_FRAME_BYTES = 32 * 1024 * 1024;

/** Lays the answered rows out in frames. Throws `PredictError` where one row is larger than a frame may be. */
export function planRows(answered: AnsweredRows): RowsPlan {
  const failed = new Set(answered.failures.map(({ row }) => row));
  const frames: RowsFrame[] = [];
  let rows: number[] = [];
  let bytes = 0;
  for (let row = 0; row < answered.rows && answered.columns.length > 0; row++) {
    if (failed.has(row)) continue;
    const length = answeredBytes(answered, row);
    if (rows.length > 0 && bytes + length > ROWS_FRAME_BYTES) {
      frames.push(planFrame(answered, rows, []));
      rows = [];
      bytes = 0;
    }
    rows.push(row);
    bytes += length;
  }
  if (rows.length > 0 || failed.size > 0) frames.push(planFrame(answered, rows, answered.failures));
  return { answered, frames };
}

/**
 * Rows frames and the done frame of a batch, one after another in one buffer that `allocate` gives (it may be longer).
 * Returns the part of it that is to be written.
 */
export function writeReply(batch: number, plan: RowsPlan, done: DoneHeader, allocate: (bytes: number) => Buffer): Buffer {
  const doneHeader = packHeader(done);
  let total = frameBytes(doneHeader.length, 0);
  for (const frame of plan.frames) total += frameBytes(frame.header.length, frame.payload);
  const target = allocate(total);
  let at = 0;
  for (const frame of plan.frames) {
    const room = target.subarray(at);
    const start = writeFrameHead(room, FRAME.rows, batch, frame.header, frame.payload);
    copyColumns(plan.answered, frame, room, start);
    at += frameBytes(frame.header.length, frame.payload);
  }
  writeFrameHead(target.subarray(at), FRAME.done, batch, doneHeader, 0);
  return target.subarray(0, total);
}

function answeredBytes(answered: AnsweredRows, row: number): number {
  let bytes = 0;
  for (const column of answered.columns) bytes += rowLength(column, row, answered.rows);
  if (bytes + 8 * answered.columns.length > MAX_PAYLOAD_BYTES) throw new PredictError('invalid_output', `row ${row} has ${bytes} bytes of output; a frame carries at most ${MAX_PAYLOAD_BYTES}`);
  return bytes;
}

function planFrame(answered: AnsweredRows, rows: readonly number[], failures: readonly RowFailure[]): RowsFrame {
  const parts = rows.length === 0 ? [] : answered.columns.map((column) => partOf(column, rows, answered.rows));
  const header: RowsHeader = { at: rows, ...(rows.length > 0 && { outputs: parts }), ...(failures.length > 0 && { errors: failures }) };
  return { header: packHeader(header), payload: payloadBytes(parts), parts, rows };
}

function partOf(column: OutputColumn, rows: readonly number[], batchRows: number): TensorPart {
  const { name, dtype, shape, lengths, shapes } = column;
  if (lengths === undefined) return { name, dtype, shape, bytes: rows.length * DTYPE_BYTES[dtype] * elementCount(shape) };
  const own = rows.length === batchRows ? lengths : rows.map((row) => lengths[row] ?? 0);
  let bytes = 0;
  for (const length of own) bytes += length;
  return { name, dtype, shape, bytes, lengths: own, ...(shapes && { shapes: rows.map((row) => shapes[row] ?? []) }) };
}

function copyColumns(answered: AnsweredRows, frame: RowsFrame, target: Buffer, start: number): void {
  let end = 0;
  for (const [c, part] of frame.parts.entries()) {
    const column = answered.columns[c];
    if (column === undefined) continue;
    const at = padTo8(end);
    target.fill(0, start + end, start + at);
    end = at + part.bytes;
    if (frame.rows.length === answered.rows) target.set(column.bytes, start + at);
    else copyRows(column, frame.rows, answered.rows, target.subarray(start + at));
  }
}

function copyRows(column: OutputColumn, rows: readonly number[], batchRows: number, target: Buffer): void {
  let to = 0;
  let from = 0;
  let next = 0;
  for (let row = 0; row < batchRows; row++) {
    const length = rowLength(column, row, batchRows);
    if (rows[next] === row) {
      target.set(column.bytes.subarray(from, from + length), to);
      to += length;
      next++;
    }
    from += length;
  }
}

function rowLength(column: OutputColumn, row: number, batchRows: number): number {
  return column.lengths === undefined ? column.bytes.length / batchRows : column.lengths[row] ?? 0;
}
