import { checkEvent, count, fixed, real } from './cells.ts';
import type { Arm, Cells, Estimate, Increment, RewardEvent } from './policy.ts';

/**
 * Successes and failures per arm: the sufficient statistics of rewards in [0, 1] (a reward r is r of a success).
 * Cells: `ARM/n`, the number of rewards, and `ARM/s`, their sum. Adds only.
 */
export interface Evidence {
  readonly successes: Float64Array;
  readonly failures: Float64Array;
}

export function addEvidence(event: RewardEvent): Increment[] {
  checkEvent(event);
  return event.rewards.flatMap(({ arm, reward }) => [{ cell: `${arm}/n`, add: 1n }, { cell: `${arm}/s`, add: fixed(reward) }]);
}

/** What the cells and the priors say of each arm. Cells that no writer of ours leaves (a sum above its count) are cut to size. */
export function readEvidence(cells: Cells, arms: readonly Arm[], priors?: readonly (Estimate | undefined)[]): Evidence {
  const evidence = noEvidence(arms.length);
  for (const [i, arm] of arms.entries()) {
    addTo(evidence, i, count(cells, `${arm}/n`), real(cells, `${arm}/s`));
    addPrior(evidence, i, priors?.[i]);
  }
  return evidence;
}

export function noEvidence(arms: number): Evidence {
  return { successes: new Float64Array(arms), failures: new Float64Array(arms) };
}

/** Counts `rewards` rewards of sum `sum` for arm `i`; either need not be whole. */
export function addTo({ successes, failures }: Evidence, i: number, rewards: number, sum: number): void {
  const good = Math.min(Math.max(sum, 0), rewards);
  successes[i] = (successes[i] ?? 0) + good;
  failures[i] = (failures[i] ?? 0) + rewards - good;
}

export function addPrior(evidence: Evidence, i: number, prior: Estimate | undefined): void {
  if (prior !== undefined && prior.weight > 0) addTo(evidence, i, prior.weight, prior.weight * prior.mean);
}

export function evidenceEstimates({ successes, failures }: Evidence): (Estimate | undefined)[] {
  return Array.from(successes, (good, i) => {
    const weight = good + (failures[i] ?? 0);
    return weight === 0 ? undefined : { mean: good / weight, weight };
  });
}
