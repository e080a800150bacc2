import { NORMAL_PRIORITY } from '../domain/model.ts';
import type { CacheEntry } from '../cache/prediction-cache.ts';
import type { Micros } from '../domain/clock.ts';
import type { OutputReader } from '../domain/output.ts';
import type { Query } from '../domain/query.ts';
import type { OutputPart, RowError } from '../domain/replica.ts';
import type { Gather, Place } from './gather.ts';
import type { Miss, RowTask } from './row-task.ts';

/** Who decides what becomes of twins: `twins.ts`. */
export interface TwinOwner {
  answered(twin: Twin, row: TwinRow, part: OutputPart, at: number): void;
  failed(twin: Twin, row: TwinRow, error: RowError): void;
  missed(twin: Twin, rows: readonly TwinRow[], miss: Miss): void;
  left(row: TwinRow): number;
}

/** Row `row` of what a gather asks. */
export interface Waiter {
  readonly gather: Gather;
  readonly row: number;
}

/** One row that a model is asked for, once, and all who wait for it. */
export class TwinRow implements Place {
  /** Its number in the query that its task was made of. */
  readonly row: number;
  readonly #owner: TwinOwner;
  /** Where the answer will be kept; undefined where it will not. */
  entry: CacheEntry<TwinRow> | undefined = undefined;
  /** Undefined until it is offered. */
  task: Twin | undefined = undefined;
  waiters: Waiter[] = [];
  settled = false;

  constructor(row: number, owner: TwinOwner) {
    this.row = row;
    this.#owner = owner;
  }

  add(gather: Gather, row: number): void {
    this.waiters.push({ gather, row });
    if (this.task !== undefined) this.task.waiting++;
  }

  leave(gather: Gather): number {
    const before = this.waiters.length;
    this.waiters = this.waiters.filter((waiter) => waiter.gather !== gather);
    if (this.task !== undefined) this.task.waiting -= before - this.waiters.length;
    return this.#owner.left(this);
  }
}

/**
 * Consecutive rows of one query, each of which any number of gathers may wait for: what the batcher queues for a model with
 * a cache. It is told of each row once, or the row is taken back from the queue; it wants what it has not been told of,
 * whoever still waits, since the answer is kept.
 */
export class Twin implements RowTask {
  readonly query: Query;
  readonly first: number;
  readonly count: number;
  /** The earliest deadline of those who wait. */
  readonly deadlineAtMicros: Micros;
  /** The highest priority of those who wait, 0 before 1, and the weight that goes with it. */
  readonly priority: number;
  readonly weight: number;
  readonly rows: readonly TwinRow[];
  readonly read: OutputReader;
  /** The batcher's own mark. */
  queued: object | undefined = undefined;
  /** Rows that it has to hear of, or that were taken back. */
  open: number;
  /** Waiters of all rows. */
  waiting = 0;
  readonly #owner: TwinOwner;

  constructor(rows: readonly TwinRow[], of: { query: Query; read: OutputReader; owner: TwinOwner }) {
    this.query = of.query;
    this.read = of.read;
    this.#owner = of.owner;
    this.rows = rows;
    this.first = rows[0]?.row ?? 0;
    this.count = rows.length;
    this.open = rows.length;
    let deadline = Number.POSITIVE_INFINITY;
    let priority = Number.POSITIVE_INFINITY;
    let weight = 0;
    for (const row of rows) {
      row.task = this;
      this.waiting += row.waiters.length;
      for (const { gather } of row.waiters) {
        deadline = Math.min(deadline, gather.deadlineAtMicros);
        if (gather.priority < priority) ({ priority, weight } = gather);
        else if (gather.priority === priority) weight = Math.max(weight, gather.weight);
      }
    }
    this.deadlineAtMicros = deadline;
    this.priority = priority === Number.POSITIVE_INFINITY ? NORMAL_PRIORITY : priority;
    this.weight = weight === 0 ? 1 : weight;
  }

  wants(row: number): boolean {
    return this.#at(row) !== undefined;
  }

  answered(row: number, part: OutputPart, at: number): void {
    const wanted = this.#at(row);
    if (wanted !== undefined) this.#owner.answered(this, wanted, part, at);
  }

  failed(row: number, error: RowError): void {
    const wanted = this.#at(row);
    if (wanted !== undefined) this.#owner.failed(this, wanted, error);
  }

  missed(first: number, count: number, miss: Miss): void {
    const wanted: TwinRow[] = [];
    for (let row = first; row < first + count; row++) {
      const one = this.#at(row);
      if (one !== undefined) wanted.push(one);
    }
    this.#owner.missed(this, wanted, miss);
  }

  /** The row, if it is still this task's to hear of. */
  #at(row: number): TwinRow | undefined {
    const found = this.rows[row - this.first];
    return found === undefined || found.settled || found.task !== this ? undefined : found;
  }
}
