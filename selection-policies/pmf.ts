import type { Action, Arm, Mask, Plan, Pmf } from './policy.ts';

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

/** One action per arm, in their order. */
export function soloPlan(arms: readonly Arm[], pmf: Pmf): Plan {
  const actions: Action[] = arms.map((arm) => ({ ask: [arm] }));
  return { actions, pmf };
}

/** The shares of the arms that may be asked, made to sum to 1; even shares where nothing finite and positive is left. */
export function normalised(shares: readonly number[], mask: Mask): number[] {
  let open = 0;
  let sum = 0;
  for (let i = 0; i < shares.length; i++) {
    if (mask[i] !== true) continue;
    open++;
    sum += usable(shares[i]);
  }
  if (open === 0) throw new RangeError('every arm is masked; the caller must not ask for a plan then');
  const even = sum === 0 || sum === Infinity;
  return shares.map((share, i) => (mask[i] !== true ? 0 : even ? 1 / open : usable(share) / sum));
}

/** All probability on the open arm of the greatest index; shared evenly where several are as great. An index may be Infinity. */
export function greatest(indexes: readonly number[], mask: Mask): number[] {
  let top = -Infinity;
  for (let i = 0; i < indexes.length; i++) if (mask[i] === true) top = Math.max(top, indexes[i] ?? -Infinity);
  return normalised(indexes.map((index) => (index === top ? 1 : 0)), mask);
}

/** Softmax over the open arms, free of overflow: the greatest exponent becomes 0. */
export function softmax(exponents: readonly number[], mask: Mask): number[] {
  let top = -Infinity;
  for (let i = 0; i < exponents.length; i++) if (mask[i] === true) top = Math.max(top, exponents[i] ?? -Infinity);
  return normalised(exponents.map((exponent) => Math.exp(exponent - top)), mask);
}

function usable(share: number | undefined): number {
  return share !== undefined && share > 0 ? share : 0;
}
