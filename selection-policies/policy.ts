/**
 * The contract of selection policies. Everything here is pure: time, state and randomness are arguments.
 * A policy gives probabilities; drawing from them is a separate step (`pmf.ts`) keyed by the broker's own id, so that the
 * propensity that is logged is, by construction, the number that was used (the discipline of VW's `explore`).
 *
 *     event ── contribution ──▶ increments ──▶ cells (any number of writers, any order)
 *     cells ── view ──▶ once per snapshot ── plan ──▶ once per snapshot and mask ── sample ──▶ one action a query
 */

/** A candidate: its name as written in the app (`digits-mlp`, `digits-mlp@3`), at its position in the app's list. */
export type Arm = string;

/** One thing that a policy may do: whom to ask, and how to weigh the answers. */
export interface Action {
  readonly ask: readonly Arm[];
  /** One per asked arm; absent: the only arm's answer is the answer. */
  readonly weights?: readonly number[];
  /** A cascade: ask this arm too when the first answer's confidence is below the bound. */
  readonly second?: { readonly arm: Arm; readonly whenConfidenceBelow: number };
  /** Asked, timed and logged, never part of the answer. */
  readonly shadow?: readonly Arm[];
}

/** Probabilities of `actions`, same order, each ≥ 0, summing to 1 within 2^-40. */
export type Pmf = readonly number[];

/**
 * A policy that asks one arm at a time lists one action per arm, in the arms' order, masked ones with probability 0: the
 * index of an action then says whose it was, whatever the mask was.
 */
export interface Plan {
  readonly actions: readonly Action[];
  readonly pmf: Pmf;
}

/** A change to one cell of the policy's state: an integer add, or a raise of a maximum. Any number of writers, no lock. */
export type Increment =
  | { readonly cell: string; readonly add: bigint }
  | { readonly cell: string; readonly max: bigint };
export type Cells = ReadonlyMap<string, bigint>;

/** What one arm earned by one decision: from feedback, from a label, or what the app says that a miss is worth. */
export interface ArmReward {
  readonly arm: Arm;
  /** In [0, 1], higher is better. */
  readonly reward: number;
  /** What `Policy.stamp` gave for this arm: with the decision, or where that is not kept with its first reward. Absent: 0. */
  readonly stamp?: number;
}

/**
 * What is known of one decision once its reward has come. A correction (a later reward under `last`, `sum`, `mean` …) is
 * the same event with other rewards: it is applied as the adds of the new contribution less the adds of the old, so all
 * other fields, stamps included, must be those of the first. Maxima are never taken back.
 */
export interface RewardEvent {
  /** One for a bandit; one for every arm that was asked where a label rewards them all (full information). Never empty. */
  readonly rewards: readonly ArmReward[];
  /** Of the action, in (0, 1]: the number that the draw was held against. */
  readonly propensity: number;
  /** When the decision was made, in microseconds since 1970 (any origin does, as long as `view` gets the same). */
  readonly atMicros: number;
  readonly context?: Context;
}

/** What the caller said of the query; `undefined` where it said nothing. */
export type Context = Readonly<Record<string, unknown>> | undefined;

/** `mask[i]` false: arm `i` may not be asked (unhealthy, over the SLO, the operator's word). At least one is true. */
export type Mask = readonly boolean[];

/** What is believed of an arm: its mean reward, and how many observations that belief is worth. */
export interface Estimate {
  readonly mean: number;
  readonly weight: number;
}

export interface Policy<View = unknown> {
  readonly name: string;
  /** Whether `plan` reads the context; where not, one plan serves every query of a snapshot and mask. */
  readonly contextual: boolean;
  /**
   * What this event adds to the state: a function of the event alone, so that the sum over many writers is what one would
   * have written. Throws RangeError on an event that breaks its contract (a reward outside [0, 1], a propensity of 0).
   */
  contribution(event: RewardEvent, arms: readonly Arm[]): readonly Increment[];
  /**
   * The state as the plan needs it, computed once per snapshot of the cells; those whose names begin with `/` are the
   * broker's own. `priors[i]`, where given, is what is believed of arm `i` before its own evidence: from its parent
   * version, or from the parent of a context key (`prior.ts`).
   */
  view(cells: Cells, nowMicros: number, arms: readonly Arm[], priors?: readonly (Estimate | undefined)[]): View;
  /** `arms` are those of the view. `seed` is for who must draw to know its probabilities; none of the catalog does. */
  plan(view: View, arms: readonly Arm[], context: Context, mask: Mask, seed: number): Plan;
  /** What is believed of each arm of the view: for people, and as priors of others. */
  estimates(view: View): readonly (Estimate | undefined)[];
  /** What an event of arm `i` must carry of this view, an integer from 0 to 2^53 - 1; absent: nothing. */
  stamp?(view: View, i: number): number;
  /** Cells that no view from `nowMicros` on reads any more: removing them changes nothing. Absent: there are none. */
  expired?(cells: Cells, nowMicros: number): readonly string[];
}
