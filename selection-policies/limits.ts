import type { Arm, Mask, Plan } from './policy.ts';

/** The least and the most probability of each arm, in [0, 1]; absent: 0 and 1. */
export interface Limits {
  readonly floors: ReadonlyMap<Arm, number>;
  readonly caps: ReadonlyMap<Arm, number>;
}

/**
 * Holds a plan to floors and caps: the nearest pmf (Euclidean projection, as VW's minimum probabilities) in which each
 * open arm has its due. Only for plans of one action per arm; others are returned as they are. Where masked arms leave no
 * such pmf, floors that sum above 1 are shrunk in proportion, and caps that sum below 1 are raised evenly.
 */
export function limited(plan: Plan, arms: readonly Arm[], mask: Mask, limits: Limits): Plan {
  if ((limits.floors.size === 0 && limits.caps.size === 0) || !isOneEach(plan, arms)) return plan;
  const floors = arms.map((arm, i) => (mask[i] === true ? limits.floors.get(arm) ?? 0 : 0));
  const floorSum = floors.reduce((sum, floor) => sum + floor, 0);
  const low = floorSum > 1 ? floors.map((floor) => floor / floorSum) : floors;
  const caps = arms.map((arm, i) => (mask[i] === true ? Math.max(limits.caps.get(arm) ?? 1, low[i] ?? 0) : 0));
  const open = mask.filter(Boolean).length;
  const missing = Math.max(0, 1 - caps.reduce((sum, cap) => sum + cap, 0)) / open;
  const high = caps.map((cap, i) => (mask[i] === true ? cap + missing : 0));
  return { actions: plan.actions, pmf: projected(plan.pmf, low, high) };
}

function isOneEach({ actions }: Plan, arms: readonly Arm[]): boolean {
  return actions.length === arms.length && actions.every(({ ask }, i) => ask.length === 1 && ask[0] === arms[i]);
}

/** Σ min(max(p + τ, low), high) = 1, by bisection of τ; what rounding leaves of the sum is shared in proportion. */
function projected(pmf: readonly number[], low: readonly number[], high: readonly number[]): number[] {
  const shifted = (tau: number): number[] => pmf.map((p, i) => Math.min(Math.max(p + tau, low[i] ?? 0), high[i] ?? 0));
  let [under, over] = [-1, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (under + over) / 2;
    if (shifted(middle).reduce((sum, p) => sum + p, 0) < 1) under = middle;
    else over = middle;
  }
  const result = shifted(over);
  const sum = result.reduce((total, p) => total + p, 0);
  return result.map((p) => p / sum);
}

/** Exploration off: all probability on the likeliest action, the first of equals. */
export function exploiting(plan: Plan): Plan {
  const best = plan.pmf.indexOf(Math.max(...plan.pmf));
  return { actions: plan.actions, pmf: plan.pmf.map((_, i) => (i === best ? 1 : 0)) };
}

/** Every action also asks these arms, beside those that the policy watches itself, without using their answers. */
export function shadowed(plan: Plan, shadow: readonly Arm[]): Plan {
  return {
    actions: plan.actions.map((action) => ({ ...action, shadow: [...new Set([...action.shadow ?? [], ...shadow])].filter((arm) => !action.ask.includes(arm)) })),
    pmf: plan.pmf,
  };
}
