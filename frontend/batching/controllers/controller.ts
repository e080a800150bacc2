import type { ReplicaView } from '../../domain/replica.ts';
import type { Micros } from '../../domain/clock.ts';

/** What stands to be sent when a replica asks for work. */
export interface Situation {
  readonly now: Micros;
  readonly replica: ReplicaView;
  /** Rows that could go into this batch. */
  readonly queuedRows: number;
  readonly headDeadlineAtMicros: Micros;
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
  /** The smallest SLO among its rows. */
  readonly sloMicros: number;
  /** It had as many rows as the controller had allowed: only then does it show that more would do. */
  readonly full: boolean;
}

/**
 * Decides how large batches are; one per model version. `Situation.replica` lets it size replicas apart.
 * It never sees the time that the head has left: sizing by that is how goodput collapses under overload.
 */
export interface Controller {
  /** Most rows of the next batch: an integer of at least 1. What the replica itself allows is applied after it. */
  decide(situation: Situation): number;
  observe(sample: BatchSample): void;
  /** Until when a batch that is not yet full is better held back; `now` or earlier: send. Absent: never hold. */
  holdUntil?(situation: Situation): Micros;
}
