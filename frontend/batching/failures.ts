import type { Micros } from '../domain/clock.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { FewById } from '../domain/few-by-id.ts';
import type { Query } from '../domain/query.ts';
import { Attempt, rowsOf, splitAt } from './attempt.ts';
import type { AttemptHistory } from './attempt.ts';
import type { AttemptQueue } from './attempt-queue.ts';
import { BisectionBudget, type Bisection } from './bisection-budget.ts';
import { RecentHashes } from './recent-hashes.ts';
import type { ContentHash } from './recent-hashes.ts';
import type { Batch, BatchReport, Settled, Slice, Task } from './task.ts';

const MEMORY_MICROS = 60_000_000;
const MAX_SUSPECTS = 4096;

/** Content hash of row `row` of a query; asked for on failures, when a caller leaves a batch under way, and while there are suspects. */
export type RowHash = (query: Query, row: number) => ContentHash;

/** A row that is watched: what it holds, and whether it is known to be deadly. */
interface Watched {
  readonly row: number;
  readonly hash: ContentHash;
  readonly isPoison: boolean;
}

/**
 * What becomes of rows that a replica did not answer.
 *
 *     error reply ── batch of one: row_failed
 *                 └─ halves, each sent by itself, as long as the BisectionBudget lasts; then batch_failed
 *     died, hung  ── the first time: halves, each sent by itself to another replica
 *                 └─ the second time: replica_failed, and each row is a suspect for a minute
 *                 └─ too late for a second time: remembered for a minute, in which the second time may be another query's
 *     suspect     ── comes again: is sent alone, one copy at a time; dies there: replica_failed, and poison for a minute
 *     poison      ── comes again: refused; the other rows of its task are sent without it
 *
 * Rows that were there before it was known are held to it too: they are looked at when they are sent (`sift`).
 */
export class Failures<T extends Task> {
  readonly #hash: RowHash;
  readonly #attempts: AttemptQueue<T>;
  readonly #underWay: Iterable<Attempt<T> | undefined>;
  readonly #budget = new BisectionBudget();
  readonly #suspects = new RecentHashes({ maxSize: MAX_SUSPECTS, ttlMicros: MEMORY_MICROS });
  readonly #poison = new RecentHashes({ maxSize: MAX_SUSPECTS, ttlMicros: MEMORY_MICROS });
  /** Were in a batch that cost a replica, when there was no time left to send them again. */
  readonly #lostOnce = new RecentHashes({ maxSize: MAX_SUSPECTS, ttlMicros: MEMORY_MICROS });
  /** By batch under way, what those of its rows hold for which nobody waits any more. */
  readonly #forgone = new FewById<ContentHash[]>();

  /** `underWay`: the attempts among the batches that have left and not ended; looked at when one fails. */
  constructor(options: { hash: RowHash; attempts: AttemptQueue<T>; underWay: Iterable<Attempt<T> | undefined> }) {
    this.#hash = options.hash;
    this.#attempts = options.attempts;
    this.#underWay = options.underWay;
  }

  /** No row is watched at the moment: new tasks need no look at their content. */
  isQuiet(now: Micros): boolean {
    return this.#suspects.isEmpty(now) && this.#poison.isEmpty(now);
  }

  /**
   * Keeps the rows of a task that are watched away from others. `poison`: all of them are refused. `apart`: it has suspects or
   * some poison; each suspect is queued by itself, what lies between by itself too, and poison is settled. `sound`: there
   * is nothing to keep away.
   */
  setApart(task: T, now: Micros, settled: Settled<T>[]): 'sound' | 'apart' | 'poison' {
    const slice: Slice<T> = { task, first: task.first, count: task.count };
    const watched = this.#watched(slice, now);
    if (watched.length === 0) return 'sound';
    if (watched.length === task.count && watched.every(({ isPoison }) => isPoison)) return 'poison';
    for (const between of this.#part(slice, watched, { deaths: 0 }, settled)) this.#queue([between], { kind: 'apart', deaths: 0 });
    return 'apart';
  }

  /**
   * Of rows that are about to be sent together, those that are not watched: a suspect among them is queued by itself, poison
   * is settled. `history`: of the attempt that they are, if they are one.
   */
  sift(slices: readonly Slice<T>[], history: AttemptHistory | undefined, now: Micros, settled: Settled<T>[]): readonly Slice<T>[] {
    return slices.flatMap((slice) => {
      const watched = this.#watched(slice, now);
      return watched.length === 0 ? [slice] : this.#part(slice, watched, { deaths: history?.deaths ?? 0, ...failureOf(history) }, settled);
    });
  }

  /** A suspect waits as long as a replica has another row that holds the same: two of them could cost two replicas. */
  readonly isHeld = ({ history: { suspect } }: Attempt<T>): boolean => {
    if (suspect === undefined) return false;
    for (const attempt of this.#underWay) if (attempt?.history.suspect === suspect) return true;
    return false;
  };

  #watched({ task, first, count }: Slice<T>, now: Micros): Watched[] {
    const watched: Watched[] = [];
    for (let row = first; row < first + count; row++) {
      const hash = this.#hash(task.query, row);
      const isPoison = this.#poison.has(hash, now);
      if (isPoison || this.#suspects.has(hash, now)) watched.push({ row, hash, isPoison });
    }
    return watched;
  }

  /** Queues the suspects of a slice and settles its poison; returns what lies between them. */
  #part({ task, first, count }: Slice<T>, watched: readonly Watched[], failed: Pick<AttemptHistory, 'deaths' | 'failure'>, settled: Settled<T>[]): Slice<T>[] {
    const between: Slice<T>[] = [];
    let from = first;
    const upTo = (row: number): void => {
      if (row > from) between.push({ task, first: from, count: row - from });
      from = row + 1;
    };
    for (const { row, hash, isPoison } of watched) {
      upTo(row);
      const slice: Slice<T> = { task, first: row, count: 1 };
      if (isPoison) settled.push(poisoned(slice));
      else this.#queue([slice], { ...failed, kind: 'suspect', suspect: hash });
    }
    upTo(first + count);
    return between;
  }

  /** Takes `calls` more calls for an attempt that has to be cut; false where its search may make no more. */
  mayCut(attempt: Attempt<T>, now: Micros): boolean {
    return attempt.history.bisection === undefined || this.#take(attempt.history.bisection, 1, now);
  }

  /** Nobody waits any more for these rows of a batch under way; they can be read now, and not later. */
  forgo({ id }: Batch<T>, slices: readonly Slice<T>[]): void {
    const hashes = this.#forgone.get(id) ?? [];
    for (const hash of this.#hashes(slices)) hashes.push(hash);
    this.#forgone.set(id, hashes);
  }

  /** A batch ended: queues its unanswered rows anew or settles them. */
  observe(report: BatchReport<T>, attempt: Attempt<T> | undefined, now: Micros, settled: Settled<T>[]): void {
    const history = attempt?.history;
    this.#budget.spend(Math.max(0, report.endedAtMicros - report.batch.sentAtMicros), history?.bisection !== undefined, now);
    const died = report.outcome === 'lost' || report.outcome === 'hung';
    if (history?.suspect !== undefined) this.#judge(history.suspect, died, now, settled);
    else if (died) this.#remember(report, history, now);
    this.#forgone.delete(report.batch.id);
    if (report.unanswered.length === 0) return;
    if (died) this.#died(report, history, now, settled);
    else this.#erred(report, history, now, settled);
  }

  /** A suspect was tried: it is poison, or none. Its copies that wait are settled, or sent as others are. */
  #judge(suspect: ContentHash, died: boolean, now: Micros, settled: Settled<T>[]): void {
    this.#suspects.delete(suspect);
    if (died) this.#poison.add(suspect, now);
    for (const { slices, history } of this.#attempts.takeSuspects(suspect)) {
      if (died) settled.push(...slices.map(poisoned));
      else this.#queue(slices, { kind: 'apart', deaths: history.deaths, ...failureOf(history) });
    }
  }

  /** What those rows of a lost batch held that cannot be sent again: who was lost before is a suspect. */
  #remember({ batch, unanswered }: BatchReport<T>, history: AttemptHistory | undefined, now: Micros): void {
    const late = unanswered.filter(({ task }) => task.deadlineAtMicros <= now);
    for (const hash of new Set([...this.#forgone.get(batch.id) ?? [], ...this.#hashes(late)])) {
      if (history?.deaths === 1 || this.#lostOnce.has(hash, now)) this.#suspects.add(hash, now);
      else this.#lostOnce.add(hash, now);
    }
  }

  #hashes(slices: readonly Slice<T>[]): ContentHash[] {
    return slices.flatMap(({ task, first, count }) => Array.from({ length: count }, (_, i) => this.#hash(task.query, first + i)));
  }

  #erred(report: BatchReport<T>, history: AttemptHistory | undefined, now: Micros, settled: Settled<T>[]): void {
    const { batch, unanswered } = report;
    const text = report.error?.message ?? 'The container left rows of the batch without an answer.';
    if (batch.rows === 1) return giveUp(unanswered, 'row_failed', text, settled);
    const bisection = history?.bisection ?? this.#budget.begin(batch.rows, now);
    const calls = rowsOf(unanswered) === 1 ? 1 : 2;
    if (!this.#take(bisection, calls, now)) return giveUp(unanswered, 'batch_failed', text, settled);
    this.#halves(unanswered, { kind: 'retry', deaths: history?.deaths ?? 0, bisection, failure: { reason: 'batch_failed', text } });
  }

  #take(bisection: Bisection, calls: number, now: Micros): boolean {
    let open = this.#attempts.searches;
    for (const attempt of this.#underWay) if (attempt?.history.bisection !== undefined) open++;
    return this.#budget.take(bisection, calls, now, open);
  }

  #died(report: BatchReport<T>, history: AttemptHistory | undefined, now: Micros, settled: Settled<T>[]): void {
    const { batch, unanswered, outcome } = report;
    const text = report.error?.message ?? (outcome === 'hung' ? 'The replica hung over the batch.' : 'The replica died over the batch.');
    if (history?.kind === 'suspect') return giveUp(unanswered, 'replica_failed', text, settled);
    if (history?.deaths === 1) {
      for (const hash of this.#hashes(unanswered)) this.#suspects.add(hash, now);
      return giveUp(unanswered, 'replica_failed', text, settled);
    }
    const bisection = history?.bisection;
    this.#halves(unanswered, {
      kind: 'retry', deaths: 1, not: batch.replica, failure: { reason: 'replica_failed', text },
      ...(bisection === undefined ? {} : { bisection }),
    });
  }

  #halves(slices: readonly Slice<T>[], history: AttemptHistory): void {
    const [front, rest] = splitAt(slices, Math.ceil(rowsOf(slices) / 2));
    this.#queue(front, history);
    this.#queue(rest, history);
  }

  #queue(slices: readonly Slice<T>[], history: AttemptHistory): void {
    const attempt = new Attempt(slices, history);
    if (attempt.rows > 0) this.#attempts.push(attempt);
  }
}

export function poisonText(row: number): string {
  return `Row ${row} killed the replicas that it was sent to alone.`;
}

function poisoned<T extends Task>(slice: Slice<T>): Settled<T> {
  return { slice, reason: 'poison', text: poisonText(slice.first) };
}

function failureOf(history: AttemptHistory | undefined): Pick<AttemptHistory, 'failure'> {
  return history?.failure === undefined ? {} : { failure: history.failure };
}

function giveUp<T extends Task>(slices: readonly Slice<T>[], reason: ErrorCode, text: string, settled: Settled<T>[]): void {
  for (const slice of slices) settled.push({ slice, reason, text });
}
