import type { Dtype } from '../../protos/dtype.ts';
import type { InputColumn, Query } from '../../frontend/domain/query.ts';
import type { BatchEnd, BatchSink, OutputPart, ReplicaBatch, ReplicaLink, RowError } from '../../frontend/domain/replica.ts';

/** What one input of a test's query holds: the bytes of each row, and their shapes where they differ. */
export interface TestInput {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly rows: readonly Uint8Array[];
  readonly shapes?: readonly (readonly number[])[];
}

/** A query whose inputs are these bytes; rows of one size lie at a stride that leaves a gap, others wherever. */
export function queryOf(inputs: readonly TestInput[], more: Partial<Query> = {}): Query {
  const rows = inputs[0]?.rows.length ?? 0;
  return {
    slot: 0, app: 'a', arrivedAtMicros: 0, sloMicros: 100_000, deadlineAtMicros: 100_000, rows, many: rows > 1, explain: false,
    batchKey: inputs.map(({ name, dtype, shape }) => `${name}:${dtype}[${shape.join()}]`).join(), columns: inputs.map(columnOf), ...more,
  };
}

function columnOf({ name, dtype, shape, rows, shapes }: TestInput, index: number): InputColumn {
  const rowBytes = rows[0]?.length ?? 0;
  const varying = dtype === 'bytes' || shapes !== undefined;
  const offset = 8 * (index + 1);
  const strideBytes = rowBytes + (index % 2 === 0 ? 0 : 8);
  const offsets: number[] = [];
  let end = offset;
  for (const row of rows) {
    offsets.push(end);
    end += varying ? row.length + 3 : strideBytes;
  }
  const bytes = Buffer.alloc(end + 8, 0xee);
  rows.forEach((row, i) => bytes.set(row, offsets[i]));
  const column = { name, dtype, shape, slab: { index: 0, bytes }, offset, strideBytes, rowBytes: varying ? -1 : rowBytes };
  if (!varying) return column;
  return { ...column, spans: { offsets, lengths: rows.map((row) => row.length), ...(shapes && { shapes }) } };
}

/** The whole of some queries as one batch. */
export function batchOf(...queries: readonly Query[]): ReplicaBatch {
  const slices = queries.map((query) => ({ query, first: 0, count: query.rows }));
  return { slices, rows: slices.reduce((rows, { count }) => rows + count, 0), budgetMicros: 50_000 };
}

/** What a batch came to. `rows`: by row number, the bytes of each output. */
export interface Outcome {
  readonly rows: Map<number, Record<string, Buffer>>;
  readonly failed: Map<number, RowError>;
  readonly end: BatchEnd;
}

/** Remembers what it is told; `ended` settles with the batch. Throws where the contract of `BatchSink` is broken. */
export class TestSink implements BatchSink {
  readonly rows = new Map<number, Record<string, Buffer>>();
  readonly failed = new Map<number, RowError>();
  readonly ended: Promise<Outcome>;
  onRow: (row: number) => void = () => {};
  #settle: (outcome: Outcome) => void = () => {};
  #over = false;

  constructor() {
    this.ended = new Promise((resolve) => (this.#settle = resolve));
  }

  row(row: number, part: OutputPart, at: number): void {
    this.#once(row);
    const values: Record<string, Buffer> = {};
    for (const column of part.columns) {
      const start = column.spans?.offsets[at] ?? column.offset + at * column.rowBytes;
      values[column.part.name] = Buffer.from(part.payload.subarray(start, start + (column.spans?.lengths[at] ?? column.rowBytes)));
    }
    this.rows.set(row, values);
    this.onRow(row);
  }

  rowFailed(row: number, error: RowError): void {
    this.#once(row);
    this.failed.set(row, error);
  }

  end(end: BatchEnd): void {
    if (this.#over) throw new Error('a batch ended twice');
    this.#over = true;
    this.#settle({ rows: this.rows, failed: this.failed, end });
  }

  #once(row: number): void {
    if (this.#over) throw new Error(`row ${row} after the end`);
    if (this.rows.has(row) || this.failed.has(row)) throw new Error(`row ${row} twice`);
  }
}

export function infer(link: ReplicaLink, batch: ReplicaBatch): Promise<Outcome> {
  const sink = new TestSink();
  link.infer(batch, sink);
  return sink.ended;
}

/** `[value, value + 1]` as a row of two float32. */
export function pairRow(value: number): Uint8Array {
  return new Uint8Array(Float32Array.of(value, value + 1).buffer);
}
export function pairQuery(...values: readonly number[]): Query {
  return queryOf([{ name: 'x', dtype: 'float32', shape: [2], rows: values.map(pairRow) }]);
}
