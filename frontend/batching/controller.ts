import type { Micros } from '../domain/clock.ts';
import type { ReplicaView } from '../domain/replica.ts';
import type { LatencyLaw } from './latency-law.ts';
import type { RecentArrivals } from './recent-arrivals.ts';
import type { SloSpan } from './slo-span.ts';

/** The rows that may share a batch with the head, by deadline; whoever must not be planned for is left out. */
export interface WaitingRows {
  readonly rows: number;
  /** The earliest deadline; Infinity if nothing waits. */
  readonly headDeadlineAtMicros: Micros;
  /** Rows whose deadline is `at` or later. */
  rowsFrom(at: Micros): number;
  /** The earliest deadline that is `at` or later; Infinity if there is none. */
  firstFrom(at: Micros): Micros;
}

/** What stands to be sent when a replica asks for work. */
export interface Situation {
  readonly now: Micros;
  readonly replica: ReplicaView;
  /** How long batches take on this replica. */
  readonly law: LatencyLaw;
  readonly waiting: WaitingRows;
  /** Most rows that the batch may have, by the replica, the operator, and for others within their share. At least 1. */
  readonly mostRows: number;
  /** Rows that arrive per microsecond and replica. */
  readonly arrivalRate: number;
  readonly replicas: number;
  /** Rows are let go because no replica has the time for them, and none wait but those of `waiting`. */
  readonly isShort: boolean;
  /** When the last ones came: `arrivalRate` is what was usual in the last seconds. */
  readonly recent: Pick<RecentArrivals, 'lastAtMicros' | 'fourthLastAtMicros'>;
  /** The SLOs of what arrives. */
  readonly slos: Pick<SloSpan, 'leastMicros' | 'mostMicros'>;
  /** Rows that this replica has answered on time per microsecond, idle time included: what its time is worth. */
  readonly goodRate: number;
  /** Another replica could take what arrives meanwhile. */
  readonly othersIdle: boolean;
  /** How late a wake may come. */
  readonly wakeLateMicros: Micros;
}

/**
 * A batch as a controller wants it: up to `rows` rows, in order of deadline, of those whose deadline is `from` or later;
 * with `until` in the future, not yet: to be asked again then, or when something arrives. `rows` 0: none of them is worth
 * a batch on this replica. Rows with earlier deadlines stay out of this batch.
 */
export interface Plan {
  readonly rows: number;
  readonly from: Micros;
  readonly until?: Micros;
}

/**
 * What a batch says about its size: `success`: it was computed in `latencyMicros`; `dropped`: the replica died or hung
 * over it; `ignore`: it failed for a reason that tells nothing of size (an error reply).
 * After Netflix concurrency-limits, `Limiter.Listener`.
 */
export type Verdict = 'success' | 'ignore' | 'dropped';

export interface BatchSample {
  readonly verdict: Verdict;
  readonly rows: number;
  /** From sending to its end. */
  readonly latencyMicros: number;
  /** The mean that the law of its replica had foretold; 0 if it knew nothing. */
  readonly foretoldMicros: number;
  /** The smallest SLO among its rows. */
  readonly sloMicros: number;
  /** It had as many rows as the controller had allowed: only then does it show that more would do. */
  readonly full: boolean;
}

/** Decides on batches: two verbs, one per model version. `Situation.replica` and `law` let it size replicas apart. */
export interface Controller {
  /**
   * A number: most rows of the next batch, at least 1; who cannot be on time in such a batch stays out of it, and who
   * could in no such batch is let go. Never the time that the head has left: sizing by that is how goodput collapses
   * under overload. Or a plan of its own.
   */
  decide(situation: Situation): number | Plan;
  observe(sample: BatchSample): void;
}
