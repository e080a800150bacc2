import type { Micros } from '../domain/clock.ts';
import type { LatencyModel } from './latency-law.ts';
import { Probing } from './probing.ts';
import type { Offer, Task } from './task.ts';

export const ADMITTED: Offer = Object.freeze({ kind: 'admitted' });

/**
 * Refused is what lies behind this many times the work that can be done before its deadline. Under overload much of what
 * lies ahead will be let go, and with a queue of merely as much work as fits, batches would leave half empty whenever the
 * service time varies (test/property/batching-overload): a third of the goodput.
 */
const HOPELESS_FACTOR = 3;

/** What waits, and how fast it goes. */
export interface Load {
  readonly now: Micros;
  readonly queuedRows: number;
  /** Of these, how many are not served after it for its tier; those of later tiers give way. */
  readonly aheadRows: number;
  readonly replicas: number;
  /** The latest deadline among what waits: only what comes after it has all of the queue before it. */
  readonly latestDeadlineAtMicros: Micros;
}

/**
 * Whether a task is worth queueing. It refuses what could not be answered in time even alone (`slo_unreachable`, or
 * `infeasible` where the SLO would do but its time has been used up), what lies behind far more work than can be done
 * before its deadline (`infeasible`), and what there is no room for (`queue_full`). Without measurements it refuses only the last.
 */
export class Admission {
  /** Of tasks whose whole time is too short, and of those that came when too little of it was left. */
  readonly #unreachable = new Probing();
  readonly #overdue = new Probing();
  readonly #latency: LatencyModel;
  readonly #maxQueueRows: number;
  /** Most rows of a batch, and its mean time; 0 while unknown. */
  #batchRows = 0;
  #batchMicros = 0;
  /** Of the batches that are sent while others wait. */
  #usualRows = 0;
  #usualMicros = 0;
  #loneMicros = 0;

  constructor(options: { latency: LatencyModel; maxQueueRows: number }) {
    this.#latency = options.latency;
    this.#maxQueueRows = options.maxQueueRows;
    // A record of the last run may know.
    this.#loneMicros = options.latency.law.meanMicros(1);
  }

  /**
   * To be called when the estimate or the size of batches has moved: an offer costs no prediction. `leastMicros`: of one row
   * alone on the quickest replica; what that could answer is not hopeless. `usualRows`: of batches when work is plenty, where
   * they are smaller than they might be.
   */
  update(batchRows: number, leastMicros = Infinity, usualRows = batchRows): void {
    this.#batchRows = batchRows;
    this.#batchMicros = this.#latency.law.meanMicros(batchRows);
    this.#usualRows = usualRows;
    this.#usualMicros = usualRows === batchRows ? this.#batchMicros : this.#latency.law.meanMicros(usualRows);
    this.#loneMicros = Math.min(this.#latency.law.meanMicros(1), leastMicros);
    this.#unreachable.estimated(this.#loneMicros);
  }

  /** A batch that was no probe ended: as long as such do, the estimate is corrected without those who came too late for it. */
  worked(now: Micros): void {
    this.#overdue.putOff(now);
  }

  /** A probe was answered in time. */
  probed(now: Micros): void {
    this.#unreachable.succeeded(now);
    this.#overdue.succeeded(now);
  }

  /** `probe`: hopeless by the estimate, but worth a try; to be sent by itself. */
  judge(task: Task, load: Load): Offer | 'probe' {
    const leftMicros = task.deadlineAtMicros - load.now;
    if (leftMicros <= 0) return { kind: 'refused', reason: 'expired_in_queue' };
    if (load.queuedRows + task.count > this.#maxQueueRows) return this.#full(task, load);
    if (this.#loneMicros > leftMicros) {
      return this.#mayProbe(task, load.now) ? 'probe' : this.#hopeless(task, leftMicros);
    }
    const overMicros = this.#overMicros(task, load, leftMicros);
    return overMicros <= 0 ? ADMITTED : { kind: 'refused', reason: 'infeasible', retryAfterMs: toMs(overMicros) };
  }

  /** When what waits will be done with: the honest `Retry-After` of whoever is let go. Undefined while nothing is known. */
  freeInMs(queuedRows: number, replicas: number): number | undefined {
    return this.#batchMicros === 0 ? undefined : toMs(this.#doneInMicros(queuedRows + 1, replicas));
  }

  #full(task: Task, load: Load): Offer {
    if (task.count > this.#maxQueueRows) {
      return { kind: 'refused', reason: 'queue_full', text: `The request has ${task.count} rows; the queue holds ${this.#maxQueueRows}.` };
    }
    const rows = load.queuedRows + task.count - this.#maxQueueRows;
    if (this.#batchMicros === 0) return { kind: 'refused', reason: 'queue_full' };
    return { kind: 'refused', reason: 'queue_full', retryAfterMs: toMs(this.#doneInMicros(rows, load.replicas)) };
  }

  /** Batch after batch on all replicas, the last as large as what is left for it. */
  #doneInMicros(rows: number, replicas: number): number {
    const rowsEach = rows / Math.max(1, replicas);
    const whole = Math.floor(rowsEach / this.#usualRows);
    const left = Math.ceil(rowsEach - whole * this.#usualRows);
    return whole * this.#usualMicros + (left > 0 ? this.#latency.law.meanMicros(left) : 0);
  }

  #mayProbe(task: Task, now: Micros): boolean {
    const budgetMicros = budgetOf(task);
    return this.#loneMicros > budgetMicros ? this.#unreachable.take(now, this.#loneMicros, budgetMicros) : this.#overdue.take(now, this.#loneMicros);
  }

  #hopeless(task: Task, leftMicros: number): Offer {
    const p99 = inMs(this.#latency.law.tailMicros(1));
    const budgetMicros = budgetOf(task);
    if (this.#loneMicros > budgetMicros) {
      return { kind: 'refused', reason: 'slo_unreachable', text: `Measured alone, the p99 is ${p99} ms; the SLO leaves ${inMs(budgetMicros)} ms.` };
    }
    return { kind: 'refused', reason: 'infeasible', text: `Measured alone, the p99 is ${p99} ms; ${inMs(leftMicros)} ms were left.` };
  }

  /** By how much it would come late behind the whole queue, if that is far too much; 0 where it goes before some of it. */
  #overMicros(task: Task, load: Load, leftMicros: number): number {
    if (this.#batchMicros === 0 || task.deadlineAtMicros < load.latestDeadlineAtMicros) return 0;
    const rounds = Math.floor(load.aheadRows / (this.#batchRows * Math.max(1, load.replicas)));
    const behindMicros = (rounds + 1) * this.#batchMicros;
    return rounds === 0 || behindMicros <= HOPELESS_FACTOR * leftMicros ? 0 : behindMicros - leftMicros;
  }
}

/** What it had when it came to the broker. */
function budgetOf({ deadlineAtMicros, query }: Task): number {
  return deadlineAtMicros - query.arrivedAtMicros;
}

function toMs(micros: number): number {
  return Math.max(1, Math.ceil(micros / 1000));
}

function inMs(micros: number): string {
  return (micros / 1000).toFixed(1);
}
