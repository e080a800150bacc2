import type { Micros } from '../domain/clock.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Query } from '../domain/query.ts';
import { Attempt, rowsOf, splitAt } from './attempt.ts';
import type { AttemptHistory } from './attempt.ts';
import type { AttemptQueue } from './attempt-queue.ts';
import { BisectionBudget, type Bisection } from './bisection-budget.ts';
import { RecentHashes } from './recent-hashes.ts';
import type { ContentHash } from './recent-hashes.ts';
import type { BatchReport, Settled, Slice, Task } from './task.ts';

const MEMORY_MICROS = 60_000_000;
const MAX_SUSPECTS = 4096;

/** Content hash of row `row` of a query; asked for on failures and while there are suspects only. */
export type RowHash = (query: Query, row: number) => ContentHash;

/**
 * What becomes of rows that a replica did not answer.
 *
 *     error reply ── batch of one: row_failed
 *                 └─ halves, each sent by itself, as long as the BisectionBudget lasts; then batch_failed
 *     died, hung  ── the first time: halves, each sent by itself to another replica
 *                 └─ the second time: replica_failed, and each row is a suspect for a minute
 *     suspect     ── comes again: is sent alone; dies there: replica_failed, and poison for a minute
 *     poison      ── comes again: refused; the other rows of its task are sent without it
 */
export class Failures<T extends Task> {
  readonly #hash: RowHash;
  readonly #attempts: AttemptQueue<T>;
  readonly #underWay: Iterable<Attempt<T> | undefined>;
  readonly #budget = new BisectionBudget();
  readonly #suspects = new RecentHashes({ maxSize: MAX_SUSPECTS, ttlMicros: MEMORY_MICROS });
  readonly #poison = new RecentHashes({ maxSize: MAX_SUSPECTS, ttlMicros: MEMORY_MICROS });

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
    const poison: number[] = [];
    const watched: number[] = [];
    const end = task.first + task.count;
    for (let row = task.first; row < end; row++) {
      const hash = this.#hash(task.query, row);
      if (this.#poison.has(hash, now)) poison.push(row);
      else if (!this.#suspects.has(hash, now)) continue;
      watched.push(row);
    }
    if (watched.length === 0) return 'sound';
    if (poison.length === task.count) return 'poison';
    let from = task.first;
    for (const row of watched) {
      this.#queue([{ task, first: from, count: row - from }], { kind: 'apart', deaths: 0 });
      if (poison.includes(row)) settled.push({ slice: { task, first: row, count: 1 }, reason: 'poison', text: poisonText(row) });
      else this.#queue([{ task, first: row, count: 1 }], { kind: 'suspect', deaths: 0 });
      from = row + 1;
    }
    this.#queue([{ task, first: from, count: end - from }], { kind: 'apart', deaths: 0 });
    return 'apart';
  }

  /** Takes `calls` more calls for an attempt that has to be cut; false where its search may make no more. */
  mayCut(attempt: Attempt<T>, now: Micros): boolean {
    return attempt.history.bisection === undefined || this.#take(attempt.history.bisection, 1, now);
  }

  /** A batch ended: queues its unanswered rows anew or settles them. */
  observe(report: BatchReport<T>, attempt: Attempt<T> | undefined, now: Micros, settled: Settled<T>[]): void {
    const history = attempt?.history;
    this.#budget.spend(Math.max(0, report.endedAtMicros - report.batch.sentAtMicros), history?.bisection !== undefined, now);
    const died = report.outcome === 'lost' || report.outcome === 'hung';
    if (history?.kind === 'suspect') this.#judge(report, died, now);
    if (report.unanswered.length === 0) return;
    if (died) this.#died(report, history, now, settled);
    else this.#erred(report, history, now, settled);
  }

  #judge(report: BatchReport<T>, died: boolean, now: Micros): void {
    for (const { task, first } of report.batch.slices) {
      const hash = this.#hash(task.query, first);
      this.#suspects.delete(hash);
      if (died) this.#poison.add(hash, now);
    }
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
      for (const { task, first, count } of unanswered) {
        for (let row = first; row < first + count; row++) this.#suspects.add(this.#hash(task.query, row), now);
      }
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

function giveUp<T extends Task>(slices: readonly Slice<T>[], reason: ErrorCode, text: string, settled: Settled<T>[]): void {
  for (const slice of slices) settled.push({ slice, reason, text });
}
