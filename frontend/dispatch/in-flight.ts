import type { Batch, Slice } from '../batching/task.ts';
import type { BatchEnd, BatchSink, OutputPart, ReplicaLink, RowError } from '../domain/replica.ts';
import type { RowTask } from './row-task.ts';

/**
 * One batch that a replica has: hands each row of it to the task that waits for it, and knows at the end which wanted
 * rows got no answer.
 */
export class InFlight implements BatchSink {
  readonly batch: Batch<RowTask>;
  readonly link: ReplicaLink;
  /** It was overdue and its replica has been given up: the end that comes is a hang, not a death. */
  hung = false;
  readonly #onEnd: (flight: InFlight, end: BatchEnd) => void;
  /** Of each row of the batch: whose it is, and its number in that query. */
  readonly #tasks: RowTask[] = [];
  readonly #rows: number[] = [];
  readonly #settled: Uint8Array;
  #cancel: { cancel(rows: readonly number[]): void } | undefined;

  constructor(batch: Batch<RowTask>, link: ReplicaLink, onEnd: (flight: InFlight, end: BatchEnd) => void) {
    this.batch = batch;
    this.link = link;
    this.#onEnd = onEnd;
    for (const slice of batch.slices) {
      for (let i = 0; i < slice.count; i++) {
        this.#tasks.push(slice.task);
        this.#rows.push(slice.first + i);
      }
    }
    this.#settled = new Uint8Array(batch.rows);
  }

  send(budgetMicros: number): void {
    const slices = this.batch.slices.map((slice) => ({ query: slice.task.query, first: slice.first, count: slice.count }));
    this.#cancel = this.link.infer({ slices, rows: this.batch.rows, budgetMicros }, this);
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
    this.#tasks[row]?.answered(this.#rows[row] ?? 0, part, at);
  }

  rowFailed(row: number, error: RowError): void {
    if (this.#settled[row] !== 0) return;
    this.#settled[row] = 1;
    this.#tasks[row]?.failed(this.#rows[row] ?? 0, error);
  }

  end(end: BatchEnd): void {
    this.#onEnd(this, end);
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
