import { uniform } from './uniform.ts';

/**
 * The law that the synthetic container obeys. Batch number k (from 0) with b rows takes
 *
 *     (perBatchMs + perRowMs · pad(b)) · (1 + noise · u)        u uniform in [-1, 1), from (seed, k)
 *
 * milliseconds, pad being the identity, the next power of two, or the next of the given steps (above the last, the next
 * multiple of it). Its fate is drawn from (seed, k) too, so that a run can be repeated.
 */
export interface Law {
  readonly perBatchMs: number;
  readonly perRowMs: number;
  /** Relative half-width of the noise, from 0 to 1. */
  readonly noise: number;
  readonly padTo: 'pow2' | readonly number[] | undefined;
  readonly seed: number;
  /** Probabilities, of which at most one comes true for a batch. */
  readonly fail: number;
  readonly crash: number;
  readonly hang: number;
  readonly wrongRows: number;
  readonly garbage: number;
  /** A row whose first element equals it kills the process. */
  readonly poison: number | undefined;
  /** A row whose first element equals it gets an error of its own. */
  readonly rowError: number | undefined;
}

export type Fate = 'answer' | 'fail' | 'crash' | 'hang' | 'wrong_rows' | 'garbage';

/** Service time of batch number `batch` with `rows` rows, in milliseconds. */
export function serviceMs(law: Law, batch: number, rows: number): number {
  const noise = law.noise * (2 * uniform(law.seed, batch, 0) - 1);
  return (law.perBatchMs + law.perRowMs * paddedRows(law.padTo, rows)) * (1 + noise);
}

/** Rows that the model computes for a batch of `rows`. */
export function paddedRows(padTo: Law['padTo'], rows: number): number {
  if (padTo === undefined) return rows;
  if (padTo === 'pow2') return 2 ** Math.ceil(Math.log2(rows));
  const last = padTo.at(-1) ?? 1;
  return padTo.find((step) => step >= rows) ?? Math.ceil(rows / last) * last;
}

/** What becomes of batch number `batch`. */
export function fateOf(law: Law, batch: number): Fate {
  let left = uniform(law.seed, batch, 1);
  const chances = [['fail', law.fail], ['crash', law.crash], ['hang', law.hang], ['wrong_rows', law.wrongRows], ['garbage', law.garbage]] as const;
  for (const [fate, probability] of chances) {
    if (left < probability) return fate;
    left -= probability;
  }
  return 'answer';
}
