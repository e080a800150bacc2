import type { Micros } from '../domain/clock.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { FewById } from '../domain/few-by-id.ts';
import type { ReplicaId, ReplicaView } from '../domain/replica.ts';
import { ADMITTED, Admission } from './admission.ts';
import { Attempt, earliestDeadline, rowsOf, splitAt } from './attempt.ts';
import { AttemptQueue } from './attempt-queue.ts';
import type { Choice } from './batch-chooser.ts';
import { BatchChooser } from './batch-chooser.ts';
import type { Controller } from './controller.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { Failures, poisonText } from './failures.ts';
import type { RowHash } from './failures.ts';
import { FairShares } from './fair-shares.ts';
import { HangPatience, type HangLimits } from './hang-patience.ts';
import type { LatencyModel } from './latency-law.ts';
import { Lessons } from './lessons.ts';
import { outlookOf, type Outlook } from './outlook.ts';
import { RecentMost } from './recent-most.ts';
import { ReplicaPace } from './replica-pace.ts';
import { ReplicaProbes } from './replica-probes.ts';
import type { Batch, BatchReport, Next, Offer, Settled, Slice, Task } from './task.ts';

/** Replicas that can be asked at the moment, busy ones included. */
export interface Capacity {
  readonly replicas: number;
  /** How late wakes have come of late; 0 unless said. */
  readonly wakeLateMicros?: Micros;
}

export interface BatcherOptions {
  readonly controller: Controller;
  /** How long batches take, learned from those that end. */
  readonly latency: LatencyModel;
  /** How long a batch that has room may be held back for more rows, if it is not late for it; 0 unless said. */
  readonly maxDelayMicros?: Micros;
  /** Rising: the sizes that a batch is filled up to; any where left out. Fewer rows than the least go as they are. */
  readonly allowedRows?: readonly number[];
  /** Most rows of a batch; as many as the replica takes where left out. */
  readonly maxRows?: number;
  /** Rows that may wait. Rows that come back from a failed batch were admitted before and may go above it. */
  readonly maxQueueRows: number;
  /** Different `batchKey`s that may wait at once; a task that would open one more is refused as `queue_full`. */
  readonly maxLanes?: number;
  readonly hash: RowHash;
  readonly hang?: HangLimits;
}

/** Lanes that a replica looks into that has nothing to do for the first ones. */
const MOST_LANES_TRIED = 8;
const MAX_LANES = 256;
const USUAL_MEMORY_BATCHES = 8;
const NONE: readonly never[] = Object.freeze([]);

/**
 * The queue of one model version: decides what its replicas are sent and what becomes of the rows that they do not answer.
 * It reads no clock and does nothing itself; replicas pull from it with `next`, whichever has a credit.
 *
 * Every row of an admitted task leaves exactly once: in a batch of `next` that its replica answers (the owner settles it),
 * as `Settled`, or through `cancel`. Every batch that `next` hands out ends in exactly one `observe`.
 * After `offer` and `observe` there may be work for any replica; `expire` is due at `nextExpiry()`.
 */
export class Batcher<T extends Task> {
  readonly #latency: LatencyModel;
  readonly #controller: Controller;
  readonly #patience: HangPatience;
  readonly #queue: DeadlineQueue<T>;
  readonly #attempts = new AttemptQueue<T>();
  readonly #failures: Failures<T>;
  readonly #admission: Admission;
  readonly #shares = new FairShares();
  readonly #chooser: BatchChooser<T>;
  readonly #pace = new ReplicaPace();
  readonly #probes = new ReplicaProbes();
  /** The head that a replica had nothing from, and when the first one had not. */
  #passed = { headDeadlineAtMicros: -Infinity, atMicros: Infinity };
  readonly #lessons: Lessons;
  /** Given up while another was offered; handed out with the next that expires. */
  #evicted: Settled<T>[] = [];
  /** Batches under way, with the attempt that each of them is, if it is one. */
  readonly #underWay = new FewById<Attempt<T> | undefined>();
  #underWayRows = 0;
  /** Rows that waited or were under way. */
  readonly #atOnce = new RecentMost();
  readonly #maxRows: number;
  readonly #maxQueueRows: number;
  #wakeLateMicros: Micros = 0;
  #lastBatchId = 0;
  #replicas = 1;
  #latestDeadlineAtMicros: Micros = -Infinity;
  /** Most rows of a batch, as the controller and the replica that pulled last allow; 0 before the first. */
  #batchRows = 0;
  /** Rows of the batches that were sent of late while others waited; 0 before the first. */
  #usualRows = 0;

  constructor(options: BatcherOptions) {
    this.#controller = options.controller;
    this.#latency = options.latency;
    this.#patience = new HangPatience(options.hang);
    this.#queue = new DeadlineQueue({ maxLanes: options.maxLanes ?? MAX_LANES });
    this.#failures = new Failures({ hash: options.hash, attempts: this.#attempts, underWay: this.#underWay });
    this.#admission = new Admission({ latency: options.latency, maxQueueRows: options.maxQueueRows });
    this.#chooser = new BatchChooser({ controller: options.controller, queue: this.#queue, shares: this.#shares, maxDelayMicros: options.maxDelayMicros ?? 0, allowedRows: options.allowedRows ?? [] });
    this.#maxRows = options.maxRows ?? Infinity;
    this.#maxQueueRows = options.maxQueueRows;
    this.#lessons = new Lessons({ latency: options.latency, controller: options.controller, shares: this.#shares, pace: this.#pace, admission: this.#admission, patience: this.#patience, probes: this.#probes });
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

  /** Queues the task, or says why not; a refused task is forgotten. For a task before others in rank, those may have to go. */
  offer(task: T, now: Micros, capacity: Capacity): Offer {
    this.#replicas = capacity.replicas;
    const tier = this.#shares.arrived(task, now);
    this.#pace.fold(now);
    const offer = this.#offer(task, tier, now);
    if (offer.kind === 'refused') this.#shares.lost(task.count);
    else this.#atOnce.saw(this.queuedRows + this.#underWayRows, now);
    return offer;
  }

  #offer(task: T, tier: number, now: Micros): Offer {
    const over = this.queuedRows + task.count - this.#maxQueueRows;
    const queuedRows = over > 0 && this.#queue.rows - this.#queue.rowsUpTo(tier) >= over ? this.queuedRows - over : this.queuedRows;
    const judged = this.#admission.judge(task, {
      now, queuedRows, replicas: this.#replicas, aheadRows: this.#shares.overloaded ? this.#queue.rowsUpTo(tier) : queuedRows,
      latestDeadlineAtMicros: queuedRows === 0 ? -Infinity : this.#latestDeadlineAtMicros,
    });
    if (judged !== 'probe' && judged.kind === 'refused') return judged;
    if (!this.#failures.isQuiet(now)) {
      const found = this.#failures.setApart(task, now, this.#evicted);
      if (found === 'poison') return { kind: 'refused', reason: 'poison', text: poisonText(task.first) };
      if (found === 'apart') {
        this.#makeRoom(0, tier);
        return this.#admitted(task, queuedRows);
      }
    }
    if (judged !== 'probe' && !this.#queue.hasLaneFor(task.query.batchKey)) return { kind: 'refused', reason: 'queue_full', text: 'Inputs of too many different shapes are waiting.' };
    // Only now, when it is certain that it comes in: nobody is let go for a task that is refused.
    this.#makeRoom(task.count, tier);
    if (judged === 'probe') this.#attempts.push(new Attempt([sliceOf(task)], { kind: 'probe', deaths: 0 }));
    else this.#queue.push(task, tier);
    return this.#admitted(task, queuedRows);
  }

  /** Lets those go who give way to a task of this tier, as long as there is no room for it. */
  #makeRoom(rows: number, tier: number): void {
    while (this.queuedRows + rows > this.#maxQueueRows) {
      const slice = this.#queue.takeLast(tier);
      if (slice === undefined) return;
      this.#letGo({ slice, reason: 'queue_full' }, this.#evicted);
    }
  }

  /** Takes back the rows of the task that wait, those of a retry included; says how many. Rows under way are the caller's. */
  cancel(task: T, now: Micros = -Infinity): number {
    let rows = this.#queue.cancel(task);
    if (this.#attempts.size > 0) rows += this.#attempts.cancel(task);
    if (task.deadlineAtMicros <= now) this.#lapsed(rows);
    return rows;
  }

  /**
   * Nobody waits any more for these rows of a batch that is under way; their memory may be another's after this. Should the
   * batch cost its replica, they are remembered for it.
   */
  forgo(batch: Batch<T>, slices: readonly Slice<T>[]): void {
    this.#failures.forgo(batch, slices);
  }

  /** Gives up what has waited until its deadline. */
  expire(now: Micros): readonly Settled<T>[] {
    if (this.nextExpiry() > now) return NONE;
    const settled = this.#evicted;
    this.#evicted = [];
    while (this.#queue.headDeadlineAtMicros <= now) this.#dropHead('expired_in_queue', settled);
    this.#attempts.expire(now, (slice, attempt) => settled.push(givenUp(slice, attempt, 'expired_in_queue')));
    return settled;
  }

  /** When `expire` has something to do; Infinity if nothing waits, -Infinity if rows were given up meanwhile. */
  nextExpiry(): Micros {
    if (this.#evicted.length > 0) return -Infinity;
    return Math.min(this.#queue.headDeadlineAtMicros, this.#attempts.headDeadlineAtMicros);
  }

  /** Gives up everything that waits: the model version ends. */
  abandon(reason: ErrorCode, text?: string): readonly Settled<T>[] {
    const settled = this.#evicted;
    this.#evicted = [];
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
    if (capacity !== undefined) {
      this.#replicas = capacity.replicas;
      this.#wakeLateMicros = capacity.wakeLateMicros ?? 0;
    }
    const next = this.#next(now, replica, []);
    this.#queue.restore();
    return next;
  }

  #next(now: Micros, replica: ReplicaView, settled: Settled<T>[]): Next<T> {
    let lanesLeft = MOST_LANES_TRIED;
    for (;;) {
      const attempt = this.#attempts.size === 0 ? undefined : this.#attempts.peekFor(replica.id, this.#replicas, this.#failures.isHeld);
      const headAtMicros = this.#queue.headDeadlineAtMicros;
      if (attempt !== undefined && attempt.deadlineAtMicros <= headAtMicros) {
        this.#attempts.remove(attempt);
        const batch = this.#sendAttempt(attempt, now, replica, settled);
        if (batch !== undefined) return { kind: 'flush', batch, settled };
      } else if (headAtMicros === Infinity) {
        return { kind: 'idle', settled };
      } else {
        const next = this.#sendHead(now, replica, settled);
        if (next === 'pass' && lanesLeft-- > 0) this.#queue.pass();
        else if (next === 'pass') return { kind: 'idle', settled };
        else if (next !== undefined) return next;
      }
    }
  }

  /** Learns from a batch that ended, and queues or settles the rows that are left unanswered. */
  observe(report: BatchReport<T>, now: Micros): readonly Settled<T>[] {
    const attempt = this.#end(report.batch);
    this.#lessons.learn(report, attempt, now);
    this.#admission.update(Math.max(1, this.#batchRows), this.#pace.leastLoneMicros, Math.max(1, Math.round(this.#usualRows)));
    const settled: Settled<T>[] = [];
    this.#failures.observe(report, attempt, now, settled);
    this.#attempts.expire(now, (slice, late) => settled.push(givenUp(slice, late, 'expired_in_queue')));
    return settled;
  }

  #admitted(task: T, queuedBefore: number): Offer {
    this.#latestDeadlineAtMicros = queuedBefore === 0 ? task.deadlineAtMicros : Math.max(this.#latestDeadlineAtMicros, task.deadlineAtMicros);
    return ADMITTED;
  }

  /**
   * Sends the head and what may share a batch with it, or lets the head go (undefined: look again). `pass`: its lane has
   * nothing for this replica, be it too slow for it or not worth the time.
   */
  #sendHead(now: Micros, replica: ReplicaView, settled: Settled<T>[]): Next<T> | 'pass' | undefined {
    const headDeadlineAtMicros = this.#queue.headDeadlineAtMicros;
    if (headDeadlineAtMicros <= now) return this.#dropHead('expired_in_queue', settled);
    const law = this.#latency.lawOf(replica.id);
    const choice = this.#chooser.choose({
      now, replica, law, mostRows: this.#mostRows(replica), replicas: this.#replicas, othersIdle: this.#underWay.size < this.#replicas - 1,
      goodRate: this.#pace.goodRate(replica.id), quickest: this.#pace.quickest(replica.id), wakeLateMicros: this.#wakeLateMicros,
      isShort: this.#shares.isShort && this.#attempts.size === 0,
      complete: this.queuedRows + this.#underWayRows >= this.#atOnce.at(now),
    });
    if (choice.rows === 0 && this.#isNobodys(headDeadlineAtMicros, choice, now) && this.#probes.take(replica.id, now, law.meanMicros(1))) return this.#probe(now, replica, settled);
    return this.#send(choice, now, replica, settled);
  }

  /** The head is hopeless for every replica, or was passed over before now: one that is idle and quick enough would have taken it. */
  #isNobodys(headDeadlineAtMicros: Micros, { letGoBefore }: Choice, now: Micros): boolean {
    if (headDeadlineAtMicros < letGoBefore) return true;
    if (this.#passed.headDeadlineAtMicros === headDeadlineAtMicros) return this.#passed.atMicros < now;
    // Of the lanes that are passed over in turn the first is remembered: each would else make another forgotten.
    if (this.#passed.atMicros !== now) this.#passed = { headDeadlineAtMicros, atMicros: now };
    return false;
  }

  /** Sends the head by itself, though the estimate calls it hopeless. */
  #probe(now: Micros, replica: ReplicaView, settled: Settled<T>[]): Next<T> | undefined {
    const head = this.#queue.takeHead();
    const batch = head === undefined ? undefined : this.#sendAttempt(new Attempt([head], { kind: 'probe', deaths: 0 }), now, replica, settled);
    return batch === undefined ? undefined : { kind: 'flush', batch, settled };
  }

  #send(choice: Choice, now: Micros, replica: ReplicaView, settled: Settled<T>[]): Next<T> | 'pass' | undefined {
    const before = settled.length;
    // Where another lane comes first after it, the choice, which was made for this one, is void.
    if (this.#queue.headDeadlineAtMicros < choice.letGoBefore
      && !this.#queue.dropHeadsBefore(choice.letGoBefore, (slice) => this.#letGo({ slice, reason: 'infeasible' }, settled))) return undefined;
    if (choice.rows === 0) return settled.length > before ? undefined : 'pass';
    if (choice.until > now) return { kind: 'wait', until: choice.until, settled };
    this.#batchRows = Math.min(choice.allowedRows, this.#mostRows(replica));
    const slices = this.#unwatched(this.#queue.takeBatch(choice), undefined, now, settled);
    const rows = rowsOf(slices);
    if (rows === 0) return undefined;
    if (rows > this.#usualRows) this.#usualRows = rows;
    else if (this.#queue.rows > 0) this.#usualRows += (rows - this.#usualRows) / USUAL_MEMORY_BATCHES;
    const batch = this.#form(slices, rows, now, replica, rows >= choice.allowedRows);
    this.#underWay.set(batch.id, undefined);
    return { kind: 'flush', batch, settled };
  }

  /** Sends an attempt that has left its queue; undefined if none of its rows can make it. */
  #sendAttempt(attempt: Attempt<T>, now: Micros, replica: ReplicaView, settled: Settled<T>[]): Batch<T> | undefined {
    const most = this.#mostRows(replica);
    const service = attempt.history.kind === 'probe' ? 0 : this.#latency.lawOf(replica.id).meanMicros(Math.min(attempt.rows, most));
    const feasible: Slice<T>[] = [];
    for (const slice of attempt.slices) {
      const { deadlineAtMicros } = slice.task;
      if (deadlineAtMicros <= now) settled.push(givenUp(slice, attempt, 'expired_in_queue'));
      else if (now + service > deadlineAtMicros) settled.push(givenUp(slice, attempt, 'infeasible'));
      else feasible.push(slice);
    }
    attempt.keep(attempt.history.kind === 'suspect' ? feasible : this.#unwatched(feasible, attempt, now, settled));
    if (attempt.rows === 0) return undefined;
    if (attempt.rows > most) this.#cut(attempt, most, now, settled);
    const batch = this.#form(attempt.slices, attempt.rows, now, replica, false);
    this.#underWay.set(batch.id, attempt);
    const { failure } = attempt.history;
    if (failure === undefined) return attempt.history.kind === 'probe' ? { ...batch, exploring: true } : batch;
    return { ...batch, repeat: failure.reason === 'replica_failed' || attempt.history.bisection === undefined ? 'retry' : 'bisect' };
  }

  /** What may be sent together of these rows: they may have come before it was known that one of them is deadly. */
  #unwatched(slices: readonly Slice<T>[], attempt: Attempt<T> | undefined, now: Micros, settled: Settled<T>[]): readonly Slice<T>[] {
    return this.#failures.isQuiet(now) ? slices : this.#failures.sift(slices, attempt?.history, now, settled);
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
    const law = this.#latency.lawOf(replica.id);
    this.#underWayRows += rows;
    return {
      id: ++this.#lastBatchId, replica: replica.id, slices, rows, sentAtMicros: now,
      deadlineAtMicros: earliestDeadline(slices), sloMicros, hungAtMicros: now + this.#patience.micros(law.tailMicros(rows)), full,
      exploring: law.isExploring(rows),
    };
  }

  #mostRows(replica: ReplicaView): number {
    return Math.min(replica.maxBatch, this.#maxRows);
  }

  #dropHead(reason: ErrorCode, settled: Settled<T>[]): undefined {
    const slice = this.#queue.takeHead();
    if (slice !== undefined) this.#letGo({ slice, reason }, settled);
  }

  #letGo({ slice, reason }: Settled<T>, settled: Settled<T>[]): void {
    const retryAfterMs = this.#admission.freeInMs(this.queuedRows, this.#replicas);
    settled.push(retryAfterMs === undefined ? { slice, reason } : { slice, reason, retryAfterMs });
    this.#lapsed(slice.count);
  }

  /** Rows that had come in are let go; where there is no replica, not for want of its time. */
  #lapsed(rows: number): void {
    if (this.#replicas > 0) this.#shares.lapsed(rows);
    else this.#shares.lost(rows);
  }

  #end(batch: Batch<T>): Attempt<T> | undefined {
    const attempt = this.#underWay.get(batch.id);
    if (!this.#underWay.delete(batch.id)) throw new RangeError(`batch ${batch.id} is not under way`);
    this.#underWayRows -= batch.rows;
    return attempt;
  }

  /** What the version's law and its controller come to, for people to look at; undefined while nothing is known. */
  outlook(now: Micros, aim: { sloMicros: Micros; maxBatch: number }): Outlook | undefined {
    return outlookOf(this.#latency.law, this.#controller, { now, ...aim });
  }

  /** A replica is gone: what was known of it alone is dropped. */
  forget(replica: ReplicaId): void {
    this.#latency.forget(replica);
    this.#pace.forget(replica);
    this.#probes.forget(replica);
  }
}

function givenUp<T extends Task>(slice: Slice<T>, attempt: Attempt<T>, reason: ErrorCode): Settled<T> {
  const { failure } = attempt.history;
  return failure === undefined ? { slice, reason } : { slice, reason: failure.reason, text: failure.text };
}

function sliceOf<T extends Task>(task: T): Slice<T> {
  return { task, first: task.first, count: task.count };
}
