import type { Micros } from '../domain/clock.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { ReplicaId } from '../domain/replica.ts';
import type { Bisection } from './bisection-budget.ts';
import type { HeapItem } from './deadline-heap.ts';
import type { ContentHash } from './recent-hashes.ts';
import type { Slice, Task } from './task.ts';

/**
 * Why rows are sent by themselves: `probe` checks an estimate, `suspect` may kill its replica, `apart` was kept away from
 * these, `retry` failed once.
 */
export type AttemptKind = 'probe' | 'suspect' | 'apart' | 'retry';

export interface AttemptHistory {
  readonly kind: AttemptKind;
  /** Of a `suspect`: what its one row holds, which is not read again: its memory may be another's by the time that the replica ends. */
  readonly suspect?: ContentHash;
  /** Replicas that died or hung over these rows. */
  readonly deaths: 0 | 1;
  /** Present while rows that the model errs at are searched. */
  readonly bisection?: Bisection;
  /** Whom not to ask, if there is another. */
  readonly not?: ReplicaId;
  /** What its rows fail with if no try is possible any more; absent where they have not failed yet. */
  readonly failure?: { readonly reason: ErrorCode; readonly text: string };
}

/** Rows of one `batchKey` that are sent together and with nobody else. */
export class Attempt<T extends Task> implements HeapItem {
  readonly history: AttemptHistory;
  slices: readonly Slice<T>[];
  rows: number;
  deadlineAtMicros: Micros;
  order = 0;
  heapIndex = -1;

  constructor(slices: readonly Slice<T>[], history: AttemptHistory) {
    this.history = history;
    this.slices = slices;
    this.rows = rowsOf(slices);
    this.deadlineAtMicros = earliestDeadline(slices);
  }

  /** Leaves these slices only. */
  keep(slices: readonly Slice<T>[]): void {
    this.slices = slices;
    this.rows = rowsOf(slices);
    this.deadlineAtMicros = earliestDeadline(slices);
  }
}

export function rowsOf<T extends Task>(slices: readonly Slice<T>[]): number {
  let rows = 0;
  for (const slice of slices) rows += slice.count;
  return rows;
}

export function earliestDeadline<T extends Task>(slices: readonly Slice<T>[]): Micros {
  let earliest = Infinity;
  for (const { task } of slices) if (task.deadlineAtMicros < earliest) earliest = task.deadlineAtMicros;
  return earliest;
}

/** The first `rows` rows, and the rest; a slice across the border is cut. */
export function splitAt<T extends Task>(slices: readonly Slice<T>[], rows: number): [Slice<T>[], Slice<T>[]] {
  const front: Slice<T>[] = [];
  const rest: Slice<T>[] = [];
  let left = rows;
  for (const slice of slices) {
    const { task, first, count } = slice;
    if (count <= left) front.push(slice);
    else if (left <= 0) rest.push(slice);
    else {
      front.push({ task, first, count: left });
      rest.push({ task, first: first + left, count: count - left });
    }
    left -= count;
  }
  return [front, rest];
}
