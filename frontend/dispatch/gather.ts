import { NORMAL_PRIORITY } from '../domain/model.ts';
import type { AnswerRow } from '../domain/answer.ts';
import type { Micros } from '../domain/clock.ts';
import type { OutputKind } from '../domain/model.ts';
import type { OutputReader } from '../domain/output.ts';
import type { Query } from '../domain/query.ts';
import type { OutputPart, RowError } from '../domain/replica.ts';
import type { Timed } from './deadline-wheel.ts';
import type { Miss, RowTask } from './row-task.ts';

/** A row is answered, missed, or neither yet. */
export type GatheredRow = AnswerRow | Miss;

/** What an app that was asked as an arm said beside its rows. */
export interface InnerAnswer {
  /** The receipt of its own decision. */
  readonly decisionId: string;
  readonly source: 'model' | 'ensemble';
  /** Whose answer it is, where it is that of one model. */
  readonly model?: string;
  readonly version?: number;
}

/** Where a row of a gather waits together with others. */
export interface Place {
  /** The gather no longer waits here; returns 1 where the row was still queued. */
  leave(gather: Gather): number;
}

/**
 * Collects what the rows of one query come to at one model version, and says once when nothing more can come: when every
 * row has settled, or when its owner closes it at the deadline. After that whatever arrives is ignored.
 *
 * It is its own task: what the batcher queues, and what hangs in the deadline wheel.
 */
export class Gather implements RowTask, Timed {
  readonly query: Query;
  readonly first = 0;
  readonly count: number;
  readonly deadlineAtMicros: Micros;
  readonly priority: number;
  readonly weight: number;
  readonly rows: (GatheredRow | undefined)[];
  readonly read: OutputReader;
  /** What `read` makes of the model's outputs: gathers that want the same may share answers; undefined where it shares none. */
  readonly output: OutputKind | undefined;
  /** The number of the decision that asked, among those of this process; -1 where there is none. */
  readonly decision: number;
  /** Said by the arm where that is an app. */
  inner: InnerAnswer | undefined = undefined;
  /** Where its rows wait, if they do not wait by themselves. */
  places: readonly Place[] | undefined = undefined;
  /** The batcher's own mark. */
  queued: object | undefined = undefined;

  expiresAtMicros: Micros;
  wheelSlot = -1;
  wheelNext: Timed | undefined = undefined;
  wheelPrevious: Timed | undefined = undefined;

  readonly #onDone: (gather: this) => void;
  #open: number;

  constructor(query: Query, deadlineAtMicros: Micros, how: { read: OutputReader; output?: OutputKind; priority?: number; weight?: number; decision?: number; onDone: (gather: Gather) => void }) {
    this.query = query;
    this.count = query.rows;
    this.deadlineAtMicros = deadlineAtMicros;
    this.expiresAtMicros = deadlineAtMicros;
    this.priority = how.priority ?? NORMAL_PRIORITY;
    this.weight = how.weight ?? 1;
    this.read = how.read;
    this.output = how.output;
    this.decision = how.decision ?? -1;
    this.#onDone = how.onDone;
    this.#open = query.rows;
    this.rows = query.rows === 1 ? [undefined] : new Array<GatheredRow | undefined>(query.rows).fill(undefined);
  }

  /** Nothing more is wanted for it. */
  get done(): boolean {
    return this.#open <= 0;
  }

  /** Row `row` of the query still waits. */
  wants(row: number): boolean {
    return this.#open > 0 && this.rows[row] === undefined;
  }

  answered(row: number, part: OutputPart, at: number): void {
    if (!this.wants(row)) return;
    const read = this.read(part, at);
    this.#settle(row, typeof read === 'string' ? { reason: 'invalid_output', text: read } : read);
  }

  /** Row `row` has this answer, from elsewhere; its tensors are the gather's from now on. Only while it waits. */
  given(row: number, answer: AnswerRow): void {
    if (!this.wants(row)) throw new RangeError(`row ${row} was given an answer that it does not want`);
    this.#settle(row, answer);
  }

  failed(row: number, error: RowError): void {
    if (this.wants(row)) this.#settle(row, { reason: 'row_failed', text: `${error.code}: ${error.message}` });
  }

  /** Settles `count` rows from `first` on, those that still wait, as missed. */
  missed(first: number, count: number, miss: Miss): void {
    for (let row = first; row < first + count; row++) if (this.wants(row)) this.#settle(row, miss);
  }

  /** Ends it without telling its owner: the caller went away. Rows that wait stay unsettled. */
  abandon(): void {
    this.#open = 0;
  }

  #settle(row: number, as: GatheredRow): void {
    this.rows[row] = as;
    if (--this.#open === 0) this.#onDone(this);
  }
}

/** Every row has an answer. */
export function areAnswered(rows: readonly (GatheredRow | undefined)[]): rows is readonly AnswerRow[] {
  for (const row of rows) if (row === undefined || isMiss(row)) return false;
  return true;
}

export function isMiss(row: GatheredRow): row is Miss {
  return !('source' in row);
}
