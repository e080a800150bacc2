import { addConfidence } from '../../../selection-policies/calibration.ts';
import type { Cells, Context, Increment, Policy } from '../../../selection-policies/policy.ts';
import { isCell, type CellsView } from '../../domain/cells.ts';
import type { Aggregation, AppSpec } from '../../domain/model.ts';
import { earned, type ClaimState } from './claim.ts';
import { TOGETHER } from './reward.ts';

/** More cells than any event has reason to change. */
const MOST_INCREMENTS = 8_192;

/** An app as its rewards see it. */
export interface TaughtApp {
  readonly spec: AppSpec;
  readonly policy: Policy;
  /** The operator's word: rewards are kept, and teach nothing. */
  readonly frozen?: boolean;
}

/** What is known of the decision beside its rewards. */
export interface DecidedBy {
  readonly propensity: number;
  readonly atEpochMs: number;
  readonly context?: Context;
  /** Of an ensemble: how much its arms agreed on the row. */
  readonly confidence?: number;
}

/**
 * What all rewards of a claim together add to the cells of the app's policy, or to those of its context key. Throws what the policy throws, and RangeError
 * where it wants more than cells can take.
 */
export function contributionOf({ spec, policy }: TaughtApp, state: ClaimState, how: DecidedBy & { aggregation: Aggregation; zeroUnits: number; ofKey?: boolean }): readonly Increment[] {
  if (state.tallies.length === 0) return [];
  const { ofKey = false } = how;
  const all = earned(state, how.aggregation, { zeroUnits: how.zeroUnits, ofKey });
  const rewards = all.filter(({ arm }) => arm !== TOGETHER);
  const together = all.find(({ arm }) => arm === TOGETHER);
  const increments = [
    ...(rewards.length === 0 ? [] : policy.contribution({
      rewards, propensity: how.propensity, atMicros: how.atEpochMs * 1000, ...(how.context === undefined ? {} : { context: how.context }),
    }, spec.arms)),
    // How right an agreement is, is a matter of the arms and not of who asks.
    ...(together === undefined || how.confidence === undefined || ofKey ? [] : addConfidence(how.confidence, together.reward)),
  ];
  if (increments.length > MOST_INCREMENTS) throw new RangeError(`policy ${policy.name} wants to change ${increments.length} cells at once`);
  for (const increment of increments) {
    if (!isCell('add' in increment ? increment.add : increment.max)) throw new RangeError(`policy ${policy.name} wants more of cell ${increment.cell} than it can hold`);
  }
  return increments;
}

/** The stamps of policies that want one, for rewards whose decision is not recorded: of the view as it is now. */
export class Stamps {
  readonly #cells: CellsView;
  readonly #nowMicros: () => number;
  readonly #views = new WeakMap<TaughtApp, { readonly version: number; readonly view: unknown }>();

  constructor(cells: CellsView, nowMicros: () => number) {
    this.#cells = cells;
    this.#nowMicros = nowMicros;
  }

  of(app: TaughtApp, arm: string): number | undefined {
    if (app.policy.stamp === undefined) return undefined;
    const at = app.spec.arms.indexOf(arm);
    return at < 0 ? undefined : app.policy.stamp(this.#view(app), at);
  }

  #view(app: TaughtApp): unknown {
    const { cells, version }: { cells: Cells; version: number } = this.#cells.snapshot(app.spec.name);
    const known = this.#views.get(app);
    if (known?.version === version) return known.view;
    const view = app.policy.view(cells, this.#nowMicros(), app.spec.arms);
    this.#views.set(app, { version, view });
    return view;
  }
}
