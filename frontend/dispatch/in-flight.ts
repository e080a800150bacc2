import type { Batch, Slice } from '../batching/task.ts';
import type { BatchTrace, BatchTracer } from '../domain/batch-tracer.ts';
import type { Micros } from '../domain/clock.ts';
import type { BatchEnd, BatchSink, OutputPart, ReplicaLink, RowError } from '../domain/replica.ts';
import { sharedTrace, traceparentOf } from '../domain/trace.ts';
import type { RowTask } from './row-task.ts';

/** Who is told how a flight goes. */
export interface FlightOwner {
  /** Rows of it are being answered: its end is near. */
  answering(): void;
  ended(flight: InFlight, end: BatchEnd): void;
}

/**
 * One batch that a replica has: hands each row of it to the task that waits for it, and knows at the end which wanted
 * rows got no answer.
 */
export class InFlight implements BatchSink {
  readonly batch: Batch<RowTask>;
  readonly link: ReplicaLink;
  /** It was overdue and its replica has been given up: the end that comes is a hang, not a death. */
  hung = false;
  /** As its batch says, later by what the process has stood still meanwhile. */
  hungAtMicros: Micros;
  stoodStill = false;
  readonly #told: FlightOwner;
  readonly #settled: Uint8Array;
  /** The slice that was looked at last, and the row of the batch that it begins with: rows mostly come in order. */
  #slice = 0;
  #begins = 0;
  #cancel: { cancel(rows: readonly number[]): void } | undefined;
  #trace: BatchTrace | undefined;

  constructor(batch: Batch<RowTask>, link: ReplicaLink, told: FlightOwner) {
    this.batch = batch;
    this.hungAtMicros = batch.hungAtMicros;
    this.link = link;
    this.#told = told;
    this.#settled = new Uint8Array(batch.rows);
  }

  /** A replica is told whose work it is: by the tracer where there is one, else what its queries have in common. */
  send(budgetMicros: number, watched?: { readonly tracer: BatchTracer; readonly model: string }): void {
    const { rows } = this.batch;
    const slices = this.batch.slices.map((slice) => ({ query: slice.task.query, first: slice.first, count: slice.count }));
    this.#trace = watched?.tracer.sent({ slices, rows }, { model: watched.model, replica: this.link.id });
    const context = this.#trace?.context ?? sharedTrace(slices);
    this.#cancel = this.link.infer(context === undefined ? { slices, rows, budgetMicros } : { slices, rows, budgetMicros, traceparent: traceparentOf(context) }, this);
  }

  /** The rows of `task` are no longer wanted: the container may leave them out. Returns those that were not answered. */
  cancel(task: RowTask): readonly Slice<RowTask>[] {
    const rows: number[] = [];
    const left: Slice<RowTask>[] = [];
    let row = 0;
    for (const { task: of, first, count } of this.batch.slices) {
      for (let own = first; own < first + count; own++, row++) {
        if (of !== task || this.#settled[row] !== 0) continue;
        rows.push(row);
        append(left, task, own);
      }
    }
    if (rows.length > 0) this.#cancel?.cancel(rows);
    return left;
  }

  row(row: number, part: OutputPart, at: number): void {
    if (this.#settled[row] !== 0) return;
    this.#settled[row] = 1;
    this.#told.answering();
    const slice = this.#sliceOf(row);
    slice.task.answered(slice.first + row - this.#begins, part, at);
  }

  rowFailed(row: number, error: RowError): void {
    if (this.#settled[row] !== 0) return;
    this.#settled[row] = 1;
    const slice = this.#sliceOf(row);
    slice.task.failed(slice.first + row - this.#begins, error);
  }

  end(end: BatchEnd): void {
    this.#trace?.ended(howItEnded(end));
    this.#told.ended(this, end);
  }

  /** Rows that nobody answered and somebody still waits for, as slices. */
  unanswered(): Slice<RowTask>[] {
    const left: Slice<RowTask>[] = [];
    const settled = this.#settled;
    let row = 0;
    for (const { task, first, count } of this.batch.slices) {
      for (let own = first; own < first + count; own++, row++) if (settled[row] === 0 && task.wants(own)) append(left, task, own);
    }
    return left;
  }

  /** The slice that row `row` of the batch is in; `#begins` is then the row that it begins with. */
  #sliceOf(row: number): Slice<RowTask> {
    const { slices } = this.batch;
    let slice = slices[this.#slice];
    while (slice !== undefined && row < this.#begins) {
      slice = slices[--this.#slice];
      this.#begins -= slice?.count ?? 0;
    }
    while (slice !== undefined && row >= this.#begins + slice.count) {
      this.#begins += slice.count;
      slice = slices[++this.#slice];
    }
    if (slice === undefined) throw new RangeError(`row ${row} of a batch of ${this.batch.rows}`);
    return slice;
  }
}

/** Adds a row, to the last slice where it follows on that. */
function append(slices: Slice<RowTask>[], task: RowTask, row: number): void {
  const last = slices.at(-1);
  if (last !== undefined && last.task === task && last.first + last.count === row) slices[slices.length - 1] = { task, first: last.first, count: last.count + 1 };
  else slices.push({ task, first: row, count: 1 });
}

function howItEnded(end: BatchEnd): Parameters<BatchTrace['ended']>[0] {
  if (end.kind === 'lost') return { outcome: 'lost', error: end.message };
  return { outcome: end.error === undefined ? 'done' : 'error', ...(end.computeMicros === undefined ? {} : { computeMicros: end.computeMicros }), ...(end.error === undefined ? {} : { error: end.error.code }) };
}
