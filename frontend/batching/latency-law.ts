import type { Micros } from '../domain/clock.ts';
import type { ReplicaId } from '../domain/replica.ts';

/**
 * How long a batch takes on one replica, from sending to its end, by its rows: what everything that plans looks at.
 * It rises with the rows or stays level; it never falls. 0 means: nothing is known yet.
 */
export interface LatencyLaw {
  /** The mean time of a batch of `rows` rows. */
  meanMicros(rows: number): number;
  /** What the chosen quantile (0.99 unless said) of the batches of `rows` rows stays within. */
  tailMicros(rows: number): number;
  /**
   * Most rows that may be sent now: what was seen, and a bounded step beyond. Past it the law is a guess that nobody has
   * checked. At least 1.
   */
  readonly reachRows: number;
  /** Whether a batch of `rows` rows would be a step beyond what was seen: its lateness is the price of learning, and counted as such. */
  isExploring(rows: number): boolean;
}

/** Learns the law of one model version, and of each of its replicas where they differ. */
export interface LatencyModel {
  /** The law for this replica: its own where it has shown one, else the version's. */
  lawOf(replica: ReplicaId): LatencyLaw;
  /** The law of the version: what is foretold to those for whom no replica is chosen yet. */
  readonly law: LatencyLaw;
  /** A batch of `rows` rows took `micros` on `replica`. */
  observe(sample: { readonly replica: ReplicaId; readonly rows: number; readonly micros: number }, now: Micros): void;
  /** The next batch of this size is to count as much as all before it: it was sent to check the estimate. */
  doubt(rows: number): void;
  /** The replica is gone; what it taught about the version stays. */
  forget(replica: ReplicaId): void;
}
