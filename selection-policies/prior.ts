import type { Arm, Estimate } from './policy.ts';

/** What a parent's belief is worth until there are keys enough to say. */
const UNSURE_STRENGTH = 20;
const LEAST_STRENGTH = 4;
const MOST_STRENGTH = 500;
/** So many keys with more than one reward, of one arm, until their spread is believed. */
const LEAST_KEYS = 30;

/**
 * How many rewards a parent's belief is worth to one of its keys: the strength of a Beta prior that would spread the keys'
 * means as they are, by moments (the estimator of Kleinman 1973 for beta-binomial counts: with correlation ρ within a key
 * the strength is 1/ρ - 1). Where keys are alike it is great, and they learn from each other; where each is its own, small.
 *
 * `keys[k][i]`: the own evidence of key k on arm i, without any prior. Arms are taken together. Rewards between 0 and 1
 * spread less than the zeros and ones that are assumed: they make the strength greater than it should be.
 */
export function fittedStrength(keys: readonly (readonly (Estimate | undefined)[])[]): number {
  let excess = 0;
  let possible = 0;
  let most = 0;
  for (let arm = 0; arm < Math.max(0, ...keys.map((key) => key.length)); arm++) {
    const own = keys.map((key) => key[arm]).filter((estimate) => estimate !== undefined && estimate.weight > 1);
    const spread = spreadOf(own as readonly Estimate[]);
    if (spread === undefined) continue;
    excess += spread.excess;
    possible += spread.possible;
    most = Math.max(most, own.length);
  }
  if (most < LEAST_KEYS || possible <= 0) return UNSURE_STRENGTH;
  const rho = excess / possible;
  return rho <= 0 ? MOST_STRENGTH : Math.min(MOST_STRENGTH, Math.max(LEAST_STRENGTH, 1 / rho - 1));
}

/** How much more than by chance the means are apart, and how much they could be if each key's rewards were all alike. */
function spreadOf(own: readonly Estimate[]): { readonly excess: number; readonly possible: number } | undefined {
  const rewards = own.reduce((sum, { weight }) => sum + weight, 0);
  const mean = own.reduce((sum, { mean: one, weight }) => sum + one * weight, 0) / rewards;
  const variance = mean * (1 - mean);
  if (!(variance > 0)) return undefined;
  let [square, byChance, possible] = [0, 0, 0];
  for (const { mean: one, weight } of own) {
    const share = 1 - weight / rewards;
    square += weight * (one - mean) ** 2;
    byChance += share;
    possible += share * (weight - 1);
  }
  return { excess: square / variance - byChance, possible };
}

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
