import type { Batch, Slice } from '../batching/task.ts';
import type { BatchTrace, BatchTracer } from '../domain/batch-tracer.ts';
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
  readonly #told: FlightOwner;
  /** Of each row of the batch: whose it is, and its number in that query. */
  readonly #tasks: RowTask[] = [];
  readonly #rows: number[] = [];
  readonly #settled: Uint8Array;
  #cancel: { cancel(rows: readonly number[]): void } | undefined;
  #trace: BatchTrace | undefined;

  constructor(batch: Batch<RowTask>, link: ReplicaLink, told: FlightOwner) {
    this.batch = batch;
    this.link = link;
    this.#told = told;
    for (const slice of batch.slices) {
      for (let i = 0; i < slice.count; i++) {
        this.#tasks.push(slice.task);
        this.#rows.push(slice.first + i);
      }
    }
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

  /** The rows of `task` are no longer wanted: the container may leave them out. */
  cancel(task: RowTask): void {
    const rows: number[] = [];
    for (let i = 0; i < this.#tasks.length; i++) if (this.#tasks[i] === task && this.#settled[i] === 0) rows.push(i);
    if (rows.length > 0) this.#cancel?.cancel(rows);
  }

  row(row: number, part: OutputPart, at: number): void {
    if (this.#settled[row] !== 0) return;
    this.#settled[row] = 1;
    this.#told.answering();
    this.#tasks[row]?.answered(this.#rows[row] ?? 0, part, at);
  }

  rowFailed(row: number, error: RowError): void {
    if (this.#settled[row] !== 0) return;
    this.#settled[row] = 1;
    this.#tasks[row]?.failed(this.#rows[row] ?? 0, error);
  }

  end(end: BatchEnd): void {
    this.#trace?.ended(howItEnded(end));
    this.#told.ended(this, end);
  }

  /** Rows that nobody answered and somebody still waits for, as slices. */
  unanswered(): Slice<RowTask>[] {
    const left: Slice<RowTask>[] = [];
    for (let i = 0; i < this.#tasks.length; i++) {
      const task = this.#tasks[i];
      const first = this.#rows[i];
      if (this.#settled[i] !== 0 || task === undefined || first === undefined || !task.wants(first)) continue;
      const last = left.at(-1);
      if (last !== undefined && last.task === task && last.first + last.count === first) left[left.length - 1] = { task, first: last.first, count: last.count + 1 };
      else left.push({ task, first, count: 1 });
    }
    return left;
  }
}

function howItEnded(end: BatchEnd): Parameters<BatchTrace['ended']>[0] {
  if (end.kind === 'lost') return { outcome: 'lost', error: end.message };
  return { outcome: end.error === undefined ? 'done' : 'error', ...(end.computeMicros === undefined ? {} : { computeMicros: end.computeMicros }), ...(end.error === undefined ? {} : { error: end.error.code }) };
}
