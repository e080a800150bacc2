import type { Arm, Estimate, Policy } from '../../../selection-policies/policy.ts';
import { fittedStrength, inherited } from '../../../selection-policies/prior.ts';
import type { CellsSnapshot, KeyCellsView } from '../../domain/cells.ts';
import type { Micros } from '../../domain/clock.ts';
import { Planner, type PlannerParts } from './planner.ts';

/** How often it is looked how much keys differ, and at how many of them. */
const FIT_MICROS: Micros = 10_000_000;
const MOST_FITTED = 128;

export interface KeyedPlannersParts {
  readonly app: string;
  readonly keys: Pick<KeyCellsView, 'ofKey' | 'held'>;
  /** Of the app as a whole. */
  readonly parent: Planner;
  readonly planner: Omit<PlannerParts, 'cells' | 'priors'>;
}

/**
 * One planner for each context key that is held, as long as it is held. Until a key has a reward of its own, and while it is
 * being read, the app's own planner serves it; from then on what the app knows is its prior, worth as many rewards as the
 * keys are alike (`fittedStrength`).
 */
export class KeyedPlanners {
  readonly #parts: KeyedPlannersParts;
  readonly #planners = new WeakMap<CellsSnapshot, Planner>();
  #strength = fittedStrength([]);
  #fitAtMicros: Micros = -Infinity;

  constructor(parts: KeyedPlannersParts) {
    this.#parts = parts;
  }

  /** How many rewards what the app knows is worth to a key. */
  get strength(): number {
    return this.#strength;
  }

  of(context: Uint8Array, now: Micros): Planner {
    const { keys, app, parent } = this.#parts;
    const snapshot = keys.ofKey(app, context);
    if (snapshot === undefined || snapshot.cells.size === 0) return parent;
    if (now >= this.#fitAtMicros) this.#fit(now);
    let planner = this.#planners.get(snapshot);
    if (planner === undefined) {
      planner = new Planner({ ...this.#parts.planner, cells: () => snapshot, priors: (at) => this.#priors(at) });
      this.#planners.set(snapshot, planner);
    }
    return planner;
  }

  #priors(now: Micros): readonly (Estimate | undefined)[] {
    return this.#parts.parent.estimates(now).map((estimate) => inherited(estimate, this.#strength));
  }

  #fit(now: Micros): void {
    this.#fitAtMicros = now + FIT_MICROS;
    const { keys, app, planner: { policy, arms, epochOffsetMicros } } = this.#parts;
    this.#strength = fittedStrength(keys.held(app, MOST_FITTED).map((snapshot) => ownEvidence(policy, arms, { snapshot, nowMicros: now + epochOffsetMicros })));
  }
}

function ownEvidence(policy: Policy, arms: readonly Arm[], { snapshot, nowMicros }: { snapshot: CellsSnapshot; nowMicros: number }): readonly (Estimate | undefined)[] {
  return policy.estimates(policy.view(snapshot.cells, nowMicros, arms));
}
