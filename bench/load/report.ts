import type { LateAnswer } from './late-answers.ts';

/** Percentiles in whole microseconds, as HdrHistogram with three digits gives them. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly mean: number;
}

/** How a run went so far. */
export interface Progress {
  readonly seconds: number;
  readonly sent: number;
  readonly answered: number;
}

/** What one run of the generator measured. Counts are of the measured window unless they say otherwise. */
export interface LoadReport {
  readonly mode: 'open' | 'closed';
  readonly connections: number;
  readonly seed: number;
  /** Length of the measured window. */
  readonly seconds: number;
  /** Requests of the whole run, warm-up included: each is answered, lost (its connection ended) or unanswered. */
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  readonly unanswered: number;
  /** Answers that nobody had asked for. */
  readonly unsolicited: number;
  /** Answers, of the whole run, that the source's check found at fault; the first few faults in words. */
  readonly wrong: number;
  readonly faults: readonly string[];
  /** Answers measured, and of these by HTTP status, source and reason. */
  readonly measured: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly sources: Readonly<Record<string, number>>;
  readonly reasons: Readonly<Record<string, number>>;
  /** From the intended moment (open loop) or the sending (closed loop) to the whole answer. */
  readonly latencyMicros: Percentiles;
  /** Answers that came in the window, a second. */
  readonly answersPerSecond: number;
  /** Answers of source model or ensemble within the SLO, and the same a second. */
  readonly good: number;
  readonly goodputPerSecond: number;
  /** Answers of whatever source that came later than the SLO; those of them that would not have, had they left at their moment; the worst. */
  readonly late: number;
  readonly lateByGenerator: number;
  readonly latest: readonly LateAnswer[];
  /** Open loop: how long after their moment requests left, and how many had to wait for a free connection. */
  readonly latenessMicros: Percentiles;
  readonly waitedForConnection: number;
  /** CPU time over the window, a second of it and an answer. */
  readonly generatorCpu: CpuUse;
  readonly watchedCpu: readonly (CpuUse & { readonly pid: number })[];
  /** What the source adds. */
  readonly source: Readonly<Record<string, unknown>>;
}

export interface CpuUse {
  readonly micros: number;
  readonly microsPerAnswer: number;
}
