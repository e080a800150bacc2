import type { Micros } from '../domain/clock.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Query } from '../domain/query.ts';
import type { ReplicaId, RowError } from '../domain/replica.ts';

/**
 * Consecutive rows of one query for one model version: what is offered to the batcher. The batcher may split it.
 * Its owner may hang more on it (the batcher is generic over the task).
 */
export interface Task {
  readonly query: Query;
  readonly first: number;
  readonly count: number;
  /** The answer must be here by then; the query's deadline less the margin that writing it out needs. */
  readonly deadlineAtMicros: Micros;
  /** 0 critical, 1 normal (unless said), 2 sheddable: who is let go last and first. */
  readonly priority?: number;
  /** The share of the query's app among those of its priority; 1 unless said. */
  readonly weight?: number;
  /** The batcher's own mark while rows of it wait; nobody else touches it. Declared in the owner's class it is fastest. */
  queued?: object | undefined;
}

/** `count` rows of a task, from row `first` of its query on. */
export interface Slice<T extends Task> {
  readonly task: T;
  readonly first: number;
  readonly count: number;
}

/** Rows to be sent together to one replica; every slice has the same `batchKey`. */
export interface Batch<T extends Task> {
  readonly id: number;
  readonly replica: ReplicaId;
  readonly slices: readonly Slice<T>[];
  readonly rows: number;
  readonly sentAtMicros: Micros;
  /** The earliest deadline among its rows. */
  readonly deadlineAtMicros: Micros;
  /** The smallest SLO among its rows: what AIMD holds the batch's latency against. */
  readonly sloMicros: number;
  /** When it is overdue so far that the replica counts as hung. */
  readonly hungAtMicros: Micros;
  /** It had as many rows as the controller allowed: only such a batch may grow the size. */
  readonly full: boolean;
  /** It has more rows than were ever seen to be done in time, or tries what the estimate calls hopeless: what it makes late is the price of learning. */
  readonly exploring?: boolean;
  /** Its rows were sent before: in search of the one that the model errs at, or because their replica was lost. */
  readonly repeat?: 'bisect' | 'retry';
}

/** Rows that the batcher gives up: they were accepted, and will not be sent (again). Each row is settled once. */
export interface Settled<T extends Task> {
  readonly slice: Slice<T>;
  readonly reason: ErrorCode;
  readonly text?: string;
  /** When what waits now will be done with, where that is known. */
  readonly retryAfterMs?: number;
}

/** What became of an offered task; of one that is refused, nothing is kept. `retryAfterMs`: when what stood in its way will be done with. */
export type Offer =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused'; readonly reason: ErrorCode; readonly text?: string; readonly retryAfterMs?: number };

/** What to do for a replica that has a credit. `settled` are rows that were let go while deciding. */
export type Next<T extends Task> =
  | { readonly kind: 'flush'; readonly batch: Batch<T>; readonly settled: readonly Settled<T>[] }
  | { readonly kind: 'wait'; readonly until: Micros; readonly settled: readonly Settled<T>[] }
  | { readonly kind: 'idle'; readonly settled: readonly Settled<T>[] };

/** How a batch that was flushed ended. */
export interface BatchReport<T extends Task> {
  readonly batch: Batch<T>;
  readonly endedAtMicros: Micros;
  /** The process stood still meanwhile, and not the replica: how long the batch took says nothing. */
  readonly stoodStill?: true;
  /** `done`: the container finished it. `error`: it refused the whole of it. `lost`: the replica died. `hung`: it was cut off. */
  readonly outcome: 'done' | 'error' | 'lost' | 'hung';
  /** The model's own time, where the container said it. */
  readonly computeMicros?: number;
  /** Rows that are still wanted and got no answer. */
  readonly unanswered: readonly Slice<T>[];
  readonly error?: RowError;
}
