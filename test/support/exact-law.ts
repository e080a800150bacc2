import type { LatencyLaw, LatencyModel } from '../../frontend/batching/latency-law.ts';

/** A law that is known: mean and tail by rows. */
export function exactLaw(meanMicros: (rows: number) => number, more: { tail?: number; reachRows?: number } = {}): LatencyLaw {
  const { tail = 1, reachRows = 1_000_000 } = more;
  return { meanMicros, tailMicros: (rows) => tail * meanMicros(rows), reachRows, isExploring: () => false };
}

/** The same law for every replica; it learns nothing. */
export function exactLatency(law: LatencyLaw): LatencyModel {
  return { law, lawOf: () => law, observe: () => undefined, doubt: () => undefined, forget: () => undefined };
}
