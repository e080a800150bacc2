import { exploiting, limited, shadowed, type Limits } from '../../../selection-policies/limits.ts';
import { soloPlan } from '../../../selection-policies/pmf.ts';
import { priorsFrom } from '../../../selection-policies/prior.ts';
import type { Arm, Context, Estimate, Mask, Plan, Policy } from '../../../selection-policies/policy.ts';
import type { CellsSnapshot } from '../../domain/cells.ts';
import type { Micros } from '../../domain/clock.ts';
import type { Steering } from '../../domain/model.ts';

/** Policies whose state fades read the clock: what was made of the cells serves this long. */
const LONGEST_MICROS: Micros = 100_000;
/** Under a stream of rewards the plan is made anew this often, and not with every group of them. */
const SHORTEST_MICROS: Micros = 5_000;
/** Rewards that what is known of a parent is worth at most. */
const PARENT_REWARDS = 50;
const MOST_PLANS = 64;

/** A plan as a query uses it, and what its record says of it. One object for all queries of a snapshot and mask. */
export interface Planned {
  readonly plan: Plan;
  /** Arms that might be asked. */
  readonly open: readonly Arm[];
  /** What a reward of each of the app's arms must carry. */
  readonly stamps: readonly (number | undefined)[];
  readonly viewVersion: number;
}

interface Viewed {
  readonly view: unknown;
  readonly version: number;
  readonly madeAtMicros: Micros;
  readonly stamps: readonly (number | undefined)[];
}

export interface PlannerParts {
  /** Guarded: it never throws. */
  readonly policy: Policy;
  readonly arms: readonly Arm[];
  readonly cells: () => CellsSnapshot;
  /** Epoch microseconds less the clock's: policies know time as rewards have it. */
  readonly epochOffsetMicros: number;
  readonly steering: Steering;
  /** The arm's parent, where nobody names one. */
  readonly parentOf: (arm: Arm) => Arm | undefined;
  /** What becomes of a plan of the policy: an ensemble, a cascade. */
  readonly shape: (plan: Plan, mask: Mask) => Plan;
  readonly shadow: readonly Arm[];
  /** Of one context key: what is believed of each arm before its own rewards. */
  readonly priors?: (now: Micros) => readonly (Estimate | undefined)[];
}

/**
 * Turns what an app has learned into plans: one view a snapshot of the cells, one plan a view and mask, as long as both
 * stay; where the policy reads the context, one plan a query. The operator's hands come last, so that what is logged is
 * what was used.
 */
export class Planner {
  readonly #parts: PlannerParts;
  readonly #limits: Limits;
  #viewed: Viewed | undefined;
  #plans = new Map<Mask, Planned>();
  #last: { readonly mask: Mask; readonly planned: Planned } | undefined;
  #checkAtMicros: Micros = -Infinity;

  constructor(parts: PlannerParts) {
    this.#parts = parts;
    const { floors = {}, caps = {} } = parts.steering;
    this.#limits = { floors: new Map(Object.entries(floors)), caps: new Map(Object.entries(caps)) };
  }

  /** `mask` has an open arm, and is the same object whenever it says the same. */
  plan(mask: Mask, context: Context, now: Micros): Planned {
    const viewed = this.#view(now);
    if (this.#parts.policy.contextual) return this.#make(viewed, mask, context);
    if (this.#last?.mask === mask) return this.#last.planned;
    let planned = this.#plans.get(mask);
    if (planned === undefined) {
      planned = this.#make(viewed, mask, undefined);
      if (this.#plans.size >= MOST_PLANS) this.#plans.clear();
      this.#plans.set(mask, planned);
    }
    this.#last = { mask, planned };
    return planned;
  }

  /** What is believed of each arm now. */
  estimates(now: Micros): readonly (Estimate | undefined)[] {
    return this.#parts.policy.estimates(this.#view(now).view);
  }

  #view(now: Micros): Viewed {
    let viewed = this.#viewed;
    if (viewed !== undefined && now < this.#checkAtMicros) return viewed;
    const { cells, version } = this.#parts.cells();
    this.#checkAtMicros = now + SHORTEST_MICROS;
    if (viewed !== undefined && viewed.version === version && now < viewed.madeAtMicros + LONGEST_MICROS) return viewed;
    const { policy, arms } = this.#parts;
    const nowMicros = now + this.#parts.epochOffsetMicros;
    const { priors } = this.#parts;
    const view = policy.view(cells, nowMicros, arms, priors === undefined ? this.#priors(cells, nowMicros) : priors(now));
    // A reward counts for the app too, whose stamp is another one: where there are keys, both are given when it comes.
    const stamped = policy.stamp !== undefined && priors === undefined;
    viewed = { view, version, madeAtMicros: now, stamps: stamped ? arms.map((_, i) => policy.stamp?.(view, i)) : [] };
    this.#viewed = viewed;
    this.#plans = new Map();
    this.#last = undefined;
    return viewed;
  }

  #make({ view, version, stamps }: Viewed, healthy: Mask, context: Context): Planned {
    const { policy, arms, steering, shape, shadow } = this.#parts;
    const mask = this.#chosenFrom(healthy);
    const raw = policy.plan(view, arms, context, mask, 0);
    const held = limited(steering.exploit === true ? exploiting(raw) : raw, arms, mask, this.#limits);
    // A pinned arm that may not be asked gives way to the others: a pin is a wish, an answer is a promise.
    const isPinned = steering.pin !== undefined && mask[arms.indexOf(steering.pin)] === true;
    const chosen = isPinned ? soloPlan(arms, arms.map((arm) => (arm === steering.pin ? 1 : 0))) : shape(held, mask);
    const beside = shadow.filter((arm) => healthy[arms.indexOf(arm)] === true);
    return {
      plan: beside.length === 0 ? chosen : shadowed(chosen, beside), open: arms.filter((_, i) => mask[i] === true), stamps, viewVersion: version,
    };
  }

  /** Shadow arms answer only where nobody else can. */
  #chosenFrom(healthy: Mask): Mask {
    const { arms, shadow } = this.#parts;
    if (shadow.length === 0) return healthy;
    const mask = healthy.map((open, i) => open && !shadow.includes(arms[i] ?? ''));
    return mask.includes(true) ? mask : healthy;
  }

  /** What is known of the parents, by the same policy over the same cells. */
  #priors(cells: CellsSnapshot['cells'], nowMicros: Micros): readonly (Estimate | undefined)[] | undefined {
    const { policy, arms, steering, parentOf } = this.#parts;
    const parents = arms.map((arm) => steering.parents?.[arm] ?? parentOf(arm));
    const named = [...new Set(parents)].filter((parent) => parent !== undefined);
    if (named.length === 0) return undefined;
    const known = policy.estimates(policy.view(cells, nowMicros, named));
    return priorsFrom(known, arms, (_, i) => {
      const at = named.indexOf(parents[i] ?? '');
      return at < 0 ? undefined : at;
    }, PARENT_REWARDS);
  }
}
