/**
 * The contract of selection policies. Everything here is pure: time, state and randomness are arguments.
 * A policy gives probabilities; drawing from them is a separate step (`pmf.ts`) keyed by the broker's own id, so that the
 * propensity that is logged is, by construction, the number that was used (the discipline of VW's `explore`).
 */

/** A candidate: its name as written in the app (`digits-mlp`, `digits-mlp@3`), at its position in the app's list. */
export type Arm = string;

/** One thing that a policy may do: whom to ask, and how to weigh the answers. */
export interface Action {
  readonly ask: readonly Arm[];
  /** One per asked arm; absent: the only arm's answer is the answer. */
  readonly weights?: readonly number[];
  /** A cascade: ask this arm too when the first answer's confidence is below the bound. */
  readonly then?: { readonly arm: Arm; readonly whenConfidenceBelow: number };
  /** Asked, timed and logged, never part of the answer. */
  readonly shadow?: readonly Arm[];
}

/** Probabilities of `actions`, same order, each ≥ 0, summing to 1 within 2^-40. */
export type Pmf = readonly number[];

export interface Plan {
  readonly actions: readonly Action[];
  readonly pmf: Pmf;
}

/** A change to one cell of the policy's state: an integer add, or a raise of a maximum. Any number of writers, no lock. */
export type Increment =
  | { readonly cell: string; readonly add: bigint }
  | { readonly cell: string; readonly max: bigint };
export type Cells = ReadonlyMap<string, bigint>;

/** What is known of one decision once its reward has come. */
export interface RewardEvent {
  readonly arm: Arm;
  readonly reward: number;
  readonly propensity: number;
  readonly atMicros: number;
}

/** What the caller said of the query; `undefined` where it said nothing. */
export type Context = Readonly<Record<string, unknown>> | undefined;

/** `mask[i]` false: arm `i` may not be asked (unhealthy, over the SLO, the operator's word). At least one is true. */
export type Mask = readonly boolean[];

export interface Policy<View = unknown> {
  readonly name: string;
  /** What this reward adds to the state. */
  contribution(event: RewardEvent, arms: readonly Arm[]): readonly Increment[];
  /** The state as the plan needs it, computed once per snapshot of the cells. */
  view(cells: Cells, nowMicros: number): View;
  /** Whether `plan` reads the context; where not, one plan serves every query of a snapshot and mask. */
  readonly contextual: boolean;
  plan(view: View, arms: readonly Arm[], context: Context, mask: Mask, seed: number): Plan;
}
