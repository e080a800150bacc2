import type { Micros } from '../domain/clock.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { ReplicaId, ReplicaView } from '../domain/replica.ts';
import { ADMITTED, Admission } from './admission.ts';
import { Attempt, earliestDeadline, splitAt } from './attempt.ts';
import { AttemptQueue } from './attempt-queue.ts';
import type { Controller, Verdict } from './controllers/controller.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { Failures } from './failures.ts';
import type { RowHash } from './failures.ts';
import { ServiceTime } from './service-time.ts';
import type { Batch, BatchReport, Next, Offer, Settled, Slice, Task } from './task.ts';

/** Replicas that can be asked at the moment, busy ones included. */
export interface Capacity {
  readonly replicas: number;
}

export interface BatcherOptions {
  readonly controller: Controller;
  /** Rows that may wait. Rows that come back from a failed batch were admitted before and may go above it. */
  readonly maxQueueRows: number;
  /** Different `batchKey`s that may wait at once; a task that would open one more is refused as `queue_full`. */
  readonly maxLanes?: number;
  readonly hash: RowHash;
  /** A batch is hung when it takes `factor` times the p99 of its size, but at least `floorMicros`; `unknownMicros` while nothing was measured. Twice that after each hang, until a batch is done. */
  readonly hang?: { readonly factor: number; readonly floorMicros: Micros; readonly unknownMicros: Micros };
}

const MAX_LANES = 256;
/** Doublings of the patience at most. */
const MAX_HANGS = 4;
const HANG = { factor: 10, floorMicros: 1_000_000, unknownMicros: 30_000_000 };
const NONE: readonly never[] = Object.freeze([]);

/**
 * The queue of one model version: decides what its replicas are sent and what becomes of the rows that they do not answer.
 * It reads no clock and does nothing itself; replicas pull from it with `next`, whichever has a credit.
 *
 * Every row of an admitted task leaves exactly once: in a batch of `next` that its replica answers (the owner settles it),
 * as `Settled`, or through `cancel`. Every batch that `next` hands out ends in exactly one `observe` or `requeue`.
 * After `offer`, `observe` and `requeue` there may be work for any replica; `expire` is due at `nextExpiry()`.
 */
export class Batcher<T extends Task> {
  /** How long batches take by size. */
  readonly serviceTime = new ServiceTime();
  readonly #controller: Controller;
  readonly #hang: typeof HANG;
  readonly #queue: DeadlineQueue<T>;
  readonly #attempts = new AttemptQueue<T>();
  readonly #failures: Failures<T>;
  readonly #admission: Admission;
  /** Batches under way, with the attempt that each of them is, if it is one. */
  readonly #underWay = new Map<number, Attempt<T> | undefined>();
  #lastBatchId = 0;
  /** Since a batch was done. A model that has become slow is let finish in the end; one that hangs at times is fenced as fast as ever. */
  #hangs = 0;
  #replicas = 1;
  #latestDeadlineAtMicros: Micros = -Infinity;
  /** Rows of a batch when work is plenty, as the replica that pulled last allows; 0 before the first. */
  #batchRows = 0;

  constructor(options: BatcherOptions) {
    this.#controller = options.controller;
    this.#hang = options.hang ?? HANG;
    this.#queue = new DeadlineQueue({ maxLanes: options.maxLanes ?? MAX_LANES });
    this.#failures = new Failures({ hash: options.hash, attempts: this.#attempts });
    this.#admission = new Admission({ serviceTime: this.serviceTime, maxQueueRows: options.maxQueueRows });
  }

  get queuedRows(): number {
    return this.#queue.rows + this.#attempts.rows;
  }
  /** Nothing waits and nothing is under way. */
  get isIdle(): boolean {
    return this.queuedRows === 0 && this.#underWay.size === 0;
  }
  get batchesUnderWay(): number {
    return this.#underWay.size;
  }

  /** Queues the task, or says why not; a refused task is forgotten. */
  offer(task: T, now: Micros, capacity: Capacity): Offer {
    const queuedRows = this.queuedRows;
    this.#replicas = capacity.replicas;
    const judged = this.#admission.judge(task, {
      now, queuedRows, replicas: capacity.replicas,
      latestDeadlineAtMicros: queuedRows === 0 ? -Infinity : this.#latestDeadlineAtMicros,
    });
    if (judged !== 'probe' && judged.kind === 'refused') return judged;
    if (!this.#failures.isQuiet(now)) {
      const row = this.#failures.poisonRow(task, now);
      if (row !== -1) return { kind: 'refused', reason: 'poison', text: `Row ${row} killed the replicas that it was sent to alone.` };
      if (this.#failures.setApart(task, now)) return this.#admitted(task, queuedRows);
    }
    if (judged === 'probe') this.#attempts.push(new Attempt([sliceOf(task)], { kind: 'probe', deaths: 0 }));
    else if (this.#queue.hasLaneFor(task.query.batchKey)) this.#queue.push(task);
    else return { kind: 'refused', reason: 'queue_full', text: 'Inputs of too many different shapes are waiting.' };
    return this.#admitted(task, queuedRows);
  }

  /** Takes back the rows of the task that wait, those of a retry included; says how many. Rows under way are the caller's. */
  cancel(task: T): number {
    const rows = this.#queue.cancel(task);
    return this.#attempts.size === 0 ? rows : rows + this.#attempts.cancel(task);
  }

  /** Gives up what has waited until its deadline. */
  expire(now: Micros): readonly Settled<T>[] {
    if (this.nextExpiry() > now) return NONE;
    const settled: Settled<T>[] = [];
    while (this.#queue.headDeadlineAtMicros <= now) this.#dropHead('expired_in_queue', settled);
    this.#attempts.expire(now, (slice, attempt) => settled.push(givenUp(slice, attempt, 'expired_in_queue')));
    return settled;
  }

  /** When `expire` has something to do; Infinity if nothing waits. */
  nextExpiry(): Micros {
    return Math.min(this.#queue.headDeadlineAtMicros, this.#attempts.headDeadlineAtMicros);
  }

  /** Gives up everything that waits: the model version ends. */
  abandon(reason: ErrorCode, text?: string): readonly Settled<T>[] {
    const settled: Settled<T>[] = [];
    const give = (slice: Slice<T>) => settled.push({ slice, reason, ...(text === undefined ? {} : { text }) });
    for (let head = this.#queue.takeHead(); head !== undefined; head = this.#queue.takeHead()) give(head);
    this.#attempts.expire(Infinity, give);
    return settled;
  }

  /**
   * What to send to a replica that has a credit. What cannot be back before its deadline in the batch to be formed is let
   * go first. Without `capacity` there are as many replicas as the last offer said.
   */
  next(now: Micros, replica: ReplicaView, capacity?: Capacity): Next<T> {
    if (capacity !== undefined) this.#replicas = capacity.replicas;
    const settled: Settled<T>[] = [];
    for (;;) {
      const attempt = this.#attempts.size === 0 ? undefined : this.#attempts.peekFor(replica.id, this.#replicas);
      const headAtMicros = this.#queue.headDeadlineAtMicros;
      if (attempt !== undefined && attempt.deadlineAtMicros <= headAtMicros) {
        this.#attempts.remove(attempt);
        const batch = this.#sendAttempt(attempt, now, replica, settled);
        if (batch !== undefined) return { kind: 'flush', batch, settled };
      } else if (headAtMicros === Infinity) {
        return { kind: 'idle', settled };
      } else {
        const next = this.#sendHead(now, replica, settled);
        if (next !== undefined) return next;
      }
    }
  }

  /** Learns from a batch that ended, and queues or settles the rows that are left unanswered. */
  observe(report: BatchReport<T>, now: Micros): readonly Settled<T>[] {
    const attempt = this.#end(report.batch);
    this.#learn(report, attempt, now);
    const settled: Settled<T>[] = [];
    this.#failures.observe(report, attempt, now, settled);
    this.#attempts.expire(now, (slice, late) => settled.push(givenUp(slice, late, 'expired_in_queue')));
    return settled;
  }

  /** Puts rows of a batch back that could not be sent: for another replica than `not`; for that one again only if there is no other. */
  requeue(batch: Batch<T>, unsent: readonly Slice<T>[], now: Micros, not: ReplicaId): readonly Settled<T>[] {
    const attempt = this.#end(batch);
    if (unsent.length > 0) this.#attempts.push(new Attempt(unsent, { ...(attempt?.history ?? { kind: 'apart', deaths: 0 }), not }));
    return this.expire(now);
  }

  #admitted(task: T, queuedBefore: number): Offer {
    this.#latestDeadlineAtMicros = queuedBefore === 0 ? task.deadlineAtMicros : Math.max(this.#latestDeadlineAtMicros, task.deadlineAtMicros);
    return ADMITTED;
  }

  /** Sends the head and what may share a batch with it, or lets the head go (undefined: look again). */
  #sendHead(now: Micros, replica: ReplicaView, settled: Settled<T>[]): Next<T> | undefined {
    const headDeadlineAtMicros = this.#queue.headDeadlineAtMicros;
    if (headDeadlineAtMicros <= now) return this.#dropHead('expired_in_queue', settled);
    const situation = { now, replica, queuedRows: this.#queue.headLaneRows, headDeadlineAtMicros };
    const allowed = this.#controller.decide(situation);
    if (!(allowed >= 1)) throw new RangeError(`the controller allowed ${allowed} rows; at least 1`);
    this.#batchRows = Math.min(allowed, replica.maxBatch);
    const rows = Math.min(this.#batchRows, situation.queuedRows);
    // Where others wait for the place, the head must be likely to make it; where none do, it must only have a chance.
    const service = situation.queuedRows > rows ? this.serviceTime.likelyMicros(rows) : this.serviceTime.meanMicros(rows);
    if (now + service > headDeadlineAtMicros) return this.#dropHead('infeasible', settled);
    const until = rows < this.#batchRows ? (this.#controller.holdUntil?.(situation) ?? now) : now;
    if (until > now) return { kind: 'wait', until, settled };
    const batch = this.#form(this.#queue.takeBatch(rows), rows, now, replica, rows >= allowed);
    this.#underWay.set(batch.id, undefined);
    return { kind: 'flush', batch, settled };
  }

  /** Sends an attempt that has left its queue; undefined if none of its rows can make it. */
  #sendAttempt(attempt: Attempt<T>, now: Micros, replica: ReplicaView, settled: Settled<T>[]): Batch<T> | undefined {
    const service = attempt.history.kind === 'probe' ? 0 : this.serviceTime.meanMicros(Math.min(attempt.rows, replica.maxBatch));
    const feasible: Slice<T>[] = [];
    for (const slice of attempt.slices) {
      const { deadlineAtMicros } = slice.task;
      if (deadlineAtMicros <= now) settled.push(givenUp(slice, attempt, 'expired_in_queue'));
      else if (now + service > deadlineAtMicros) settled.push(givenUp(slice, attempt, 'infeasible'));
      else feasible.push(slice);
    }
    if (feasible.length === 0) return undefined;
    attempt.keep(feasible);
    if (attempt.rows > replica.maxBatch) this.#cut(attempt, replica.maxBatch, now, settled);
    const batch = this.#form(attempt.slices, attempt.rows, now, replica, false);
    this.#underWay.set(batch.id, attempt);
    const { failure } = attempt.history;
    return failure === undefined ? batch : { ...batch, repeat: failure.reason === 'replica_failed' ? 'retry' : 'bisect' };
  }

  /** Leaves the first `rows` rows of an attempt that is too large for this replica; the others wait for the next. */
  #cut(attempt: Attempt<T>, rows: number, now: Micros, settled: Settled<T>[]): void {
    const [front, rest] = splitAt(attempt.slices, rows);
    if (this.#failures.mayCut(attempt, now)) this.#attempts.push(new Attempt(rest, attempt.history));
    else for (const slice of rest) settled.push(givenUp(slice, attempt, 'batch_failed'));
    attempt.keep(front);
  }

  #form(slices: readonly Slice<T>[], rows: number, now: Micros, replica: ReplicaView, full: boolean): Batch<T> {
    let sloMicros = Infinity;
    for (const { task } of slices) if (task.query.sloMicros < sloMicros) sloMicros = task.query.sloMicros;
    const p99 = this.serviceTime.p99Micros(rows);
    const { factor, floorMicros, unknownMicros } = this.#hang;
    const usualMicros = p99 === 0 ? unknownMicros : Math.max(floorMicros, Math.ceil(factor * p99));
    const hungAfterMicros = usualMicros * 2 ** Math.min(this.#hangs, MAX_HANGS);
    return {
      id: ++this.#lastBatchId, replica: replica.id, slices, rows, sentAtMicros: now,
      deadlineAtMicros: earliestDeadline(slices), sloMicros, hungAtMicros: now + hungAfterMicros, full,
    };
  }

  #dropHead(reason: ErrorCode, settled: Settled<T>[]): undefined {
    const slice = this.#queue.takeHead();
    if (slice !== undefined) settled.push({ slice, reason });
  }

  #end(batch: Batch<T>): Attempt<T> | undefined {
    const attempt = this.#underWay.get(batch.id);
    if (!this.#underWay.delete(batch.id)) throw new RangeError(`batch ${batch.id} is not under way`);
    return attempt;
  }

  #learn(report: BatchReport<T>, attempt: Attempt<T> | undefined, now: Micros): void {
    const { batch, outcome, endedAtMicros } = report;
    const { rows, sloMicros, full } = batch;
    const latencyMicros = endedAtMicros - batch.sentAtMicros;
    if (outcome === 'hung') this.#hangs++;
    if (outcome === 'done') {
      this.#hangs = 0;
      if (attempt?.history.kind === 'probe') {
        this.serviceTime.doubt(rows);
        if (endedAtMicros <= batch.deadlineAtMicros) this.#admission.probing.succeeded(now);
      }
      this.serviceTime.observe(rows, latencyMicros, now);
    }
    // Rows that are sent by themselves are few by order, not by size: they tell the controller nothing.
    if (attempt === undefined) this.#controller.observe({ verdict: VERDICTS[outcome], rows, latencyMicros, sloMicros, full });
    this.#admission.update(Math.max(1, this.#batchRows));
  }
}

const VERDICTS: Readonly<Record<BatchReport<Task>['outcome'], Verdict>> = Object.freeze({
  done: 'success', error: 'ignore', lost: 'dropped', hung: 'dropped',
});

function givenUp<T extends Task>(slice: Slice<T>, attempt: Attempt<T>, reason: ErrorCode): Settled<T> {
  const { failure } = attempt.history;
  return failure === undefined ? { slice, reason } : { slice, reason: failure.reason, text: failure.text };
}

function sliceOf<T extends Task>(task: T): Slice<T> {
  return { task, first: task.first, count: task.count };
}
