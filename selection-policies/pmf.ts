import type { Pmf } from './policy.ts';

/**
 * The action that `draw` in [0, 1) falls on: the first whose cumulated probability exceeds it.
 * Rounding can leave the sum just below 1; a draw beyond it takes the last action that has probability at all.
 */
export function sample(pmf: Pmf, draw: number): number {
  let cumulated = 0;
  let last = -1;
  for (let i = 0; i < pmf.length; i++) {
    const p = pmf[i] ?? 0;
    if (p <= 0) continue;
    cumulated += p;
    last = i;
    if (draw < cumulated) return i;
  }
  if (last < 0) throw new RangeError(`pmf without probability: [${pmf.join(', ')}]`);
  return last;
}
