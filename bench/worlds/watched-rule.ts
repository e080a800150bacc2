import type { Batch, BatchReport } from '../../frontend/batching/task.ts';
import type { BatchRule } from '../../frontend/dispatch/model-queue.ts';
import type { RowTask } from '../../frontend/dispatch/row-task.ts';
import type { Micros } from '../../frontend/domain/clock.ts';
import type { ReplicaId } from '../../frontend/domain/replica.ts';

/** Bisecting may take this share of the model's time, beside one free search a minute (design, decided 7). */
const SHARE = 0.05;
const MINUTE_MICROS = 60_000_000;

/** When a replica has done so many batches of a size or more, it is known how long it takes for those. */
const KNOWN_BATCHES = 20;
/** A row that has less than this share left of the quickest that its batch can be is sent in vain: what is learned is never quite so far off. */
const IN_VAIN = 0.5;

/** What must hold of a rule. */
export interface Watch {
  readonly maxQueueRows: number;
  readonly maxRows: number;
  /** What a batch takes at the least, in microseconds; absent where batches may take any time, from which nobody could learn. */
  readonly quickestMicros?: (rows: number) => Micros;
  readonly fail: (what: string) => void;
}

/** The production batcher, with its books kept by somebody else. */
export class WatchedRule implements BatchRule {
  readonly queuedRows = 0;
  readonly offer: BatchRule['offer'];
  readonly cancel: BatchRule['cancel'];
  readonly expire: BatchRule['expire'];
  readonly nextExpiry: BatchRule['nextExpiry'];
  readonly abandon: BatchRule['abandon'];
  readonly next: BatchRule['next'];
  readonly observe: BatchRule['observe'];
  readonly forgo: NonNullable<BatchRule['forgo']>;
  readonly #underWay = new Map<number, Batch<RowTask>>();
  #searches = 0;
  #allowed = 0;
  #workedMicros = 0;
  #searchedMicros = 0;
  #longestSearchMicros = 0;
  #slowestMicros = 0;
  #failures = 0;
  /** By replica, the sizes of what it has done. */
  readonly #done = new Map<ReplicaId, number[]>();

  constructor(rule: BatchRule, how: Watch) {
    const { fail } = how;
    Object.defineProperty(this, 'queuedRows', { get: () => rule.queuedRows });
    this.offer = (task, now, capacity) => {
      const offer = rule.offer(task, now, capacity);
      if (offer.kind === 'admitted' && this.#failures === 0 && rule.queuedRows > how.maxQueueRows) fail(`${rule.queuedRows} rows wait; ${how.maxQueueRows} may`);
      return offer;
    };
    this.cancel = (task, now) => rule.cancel(task, now);
    this.expire = (now) => rule.expire(now);
    this.nextExpiry = () => rule.nextExpiry();
    this.forgo = (batch, slices) => rule.forgo?.(batch, slices);
    this.abandon = (reason, text) => rule.abandon(reason, text);
    this.next = (now, replica, capacity) => {
      const next = rule.next(now, replica, capacity);
      if (next.kind === 'wait' && !(next.until > now)) fail(`it waits until ${next.until} at ${now}`);
      if (next.kind !== 'flush') return next;
      const { batch } = next;
      if (this.#underWay.has(batch.id)) fail(`batch ${batch.id} left twice`);
      if (batch.rows < 1 || batch.rows !== batch.slices.reduce((sum, { count }) => sum + count, 0)) fail(`batch ${batch.id} says ${batch.rows} rows`);
      if (batch.rows > how.maxRows) fail(`batch ${batch.id} has ${batch.rows} rows; ${how.maxRows} may be`);
      if (batch.slices.some(({ task }) => task.deadlineAtMicros <= now)) fail(`batch ${batch.id} holds a row whose deadline has passed`);
      if (batch.exploring !== true) this.#checkHope(batch, how);
      this.#underWay.set(batch.id, batch);
      if (batch.repeat === 'bisect') this.#searches++;
      return next;
    };
    this.observe = (report, now) => {
      if (!this.#underWay.delete(report.batch.id)) fail(`batch ${report.batch.id} ended twice, or never left`);
      this.#account(report);
      if (this.#searches > this.#allowed) fail(`${this.#searches} batches in search of bad rows; ${this.#allowed} may be`);
      const freeMicros = Math.ceil((now + 1) / MINUTE_MICROS) * this.#longestSearchMicros;
      // What was allowed a moment ago may take its time still, on every replica.
      const limit = SHARE * this.#workedMicros + freeMicros + 8 * this.#slowestMicros;
      if (this.#searchedMicros > limit) fail(`${this.#searchedMicros} µs in search of bad rows; ${Math.round(limit)} may be`);
      return rule.observe(report, now);
    };
  }

  /** Batches that left and did not end. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Whoever is sent can still be on time, as far as that can be known. */
  #checkHope({ id, replica, rows, slices, sentAtMicros }: Batch<RowTask>, { quickestMicros, fail }: Watch): void {
    if (quickestMicros === undefined || (this.#done.get(replica) ?? []).filter((done) => done >= rows).length < KNOWN_BATCHES) return;
    const leftMicros = slices.reduce((least, { task }) => Math.min(least, task.deadlineAtMicros), Infinity) - sentAtMicros;
    if (leftMicros < IN_VAIN * quickestMicros(rows)) fail(`batch ${id} of ${rows} rows holds one that has ${leftMicros} µs left; the batch takes ${quickestMicros(rows)}`);
  }

  #account({ batch, outcome, endedAtMicros }: BatchReport<RowTask>): void {
    const micros = Math.max(0, endedAtMicros - batch.sentAtMicros);
    this.#workedMicros += micros;
    this.#slowestMicros = Math.max(this.#slowestMicros, micros);
    if (batch.repeat === 'bisect') this.#searchedMicros += micros;
    if (outcome === 'done') {
      const done = this.#done.get(batch.replica);
      if (done === undefined) this.#done.set(batch.replica, [batch.rows]);
      else done.push(batch.rows);
      return;
    }
    this.#failures++;
    if (outcome !== 'error' || batch.repeat === 'bisect' || batch.rows < 2) return;
    const calls = 2 * Math.ceil(Math.log2(batch.rows)) + 2;
    this.#allowed += calls;
    this.#longestSearchMicros = Math.max(this.#longestSearchMicros, calls * this.#slowestMicros);
  }
}
