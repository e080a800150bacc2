import type { Random } from '../load/random.ts';

/** A bandit whose arms' mean rewards are known: regret can be counted exactly. */
export interface Problem {
  readonly name: string;
  /** Where it was published. */
  readonly source: string;
  readonly arms: number;
  readonly horizon: number;
  /** Rewards reach the policy, and its state is computed anew, every so many steps. */
  readonly every: number;
  /** Runs that this problem is worth: fewer where one takes long. */
  readonly seeds: number;
  /** What runs it once: the means of all arms at each step, and who stands in each arm's place. */
  start(draw: Random): World;
}

/** One run of a problem. */
export interface World {
  /** Mean rewards at the present step. */
  readonly means: Float64Array;
  /** How often each arm has been replaced by a fresh one, which the policy does not know. */
  readonly generations: Int32Array;
  /** Moves on to step `t`; called with 0, 1, 2 … */
  advance(t: number): void;
}

/** A world whose means are set by step: `[from step, means]`, the steps rising. */
export function steps(schedule: readonly (readonly [from: number, means: readonly number[]])[]): World {
  const first = schedule[0]?.[1] ?? [];
  const means = Float64Array.from(first);
  let next = 1;
  return {
    means,
    generations: new Int32Array(first.length),
    advance(t) {
      const change = schedule[next];
      if (change === undefined || t < change[0]) return;
      means.set(change[1]);
      next++;
    },
  };
}
