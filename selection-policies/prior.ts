import type { Arm, Estimate } from './policy.ts';

/** What a parent is believed to earn, as a prior that is worth `strength` rewards at most: own evidence soon outweighs it. */
export function inherited(parent: Estimate | undefined, strength: number): Estimate | undefined {
  if (parent === undefined || !(parent.mean >= 0 && parent.mean <= 1) || !(parent.weight > 0) || !(strength > 0)) return undefined;
  return { mean: parent.mean, weight: Math.min(parent.weight, strength) };
}

/**
 * Priors for `Policy.view`: of each arm what is known of its parent. `parentOf` names the place of the parent among
 * `parents`: for a context key's own state that of the same arm in the app's (and so its beliefs are the app's until it
 * has its own); for a new version that of its predecessor; undefined for neither.
 */
export function priorsFrom(parents: readonly (Estimate | undefined)[], arms: readonly Arm[], parentOf: (arm: Arm, i: number) => number | undefined, strength: number): (Estimate | undefined)[] {
  return arms.map((arm, i) => {
    const parent = parentOf(arm, i);
    return parent === undefined ? undefined : inherited(parents[parent], strength);
  });
}
