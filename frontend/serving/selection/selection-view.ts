import { BetaScores } from '../../../selection-policies/beta-scores.ts';
import { probabilityBest } from '../../../selection-policies/probability-best.ts';
import type { Estimate } from '../../../selection-policies/policy.ts';
import type { Micros } from '../../domain/clock.ts';
import type { Steering } from '../../domain/model.ts';
import type { App } from './app.ts';

/** What an app makes of its arms now: plain data, for people. */
export interface SelectionView {
  readonly app: string;
  readonly policy: string;
  /** Whether `share` is that of a query without a context: the policy reads it. */
  readonly contextual: boolean;
  readonly steering: Steering;
  /** Version of the cells; rises with each reward that taught something. */
  readonly view: number;
  readonly arms: readonly ArmView[];
  /** How many rewards what is known of all is worth to one context key; absent where keys have no state of their own. */
  readonly keyStrength?: number;
}

export interface ArmView {
  readonly arm: string;
  /** Whom it means now; null for nobody. */
  readonly version: number | null;
  readonly replicas: number;
  /** It may be asked within the app's objective. */
  readonly open: boolean;
  /** Probability, or weight in an ensemble, of the next query; 0 where nobody can be asked. */
  readonly share: number;
  /** What it is believed to earn, in [0, 1], with the bounds that hold with 95 %; absent where nothing is known. */
  readonly reward?: { readonly mean: number; readonly low: number; readonly high: number; readonly weight: number };
  /** Given what is known of all arms. */
  readonly probabilityBest: number;
}

const Z = 1.959964;

/** Of the app's own objective, and without a context; of one context key, by its hash, where one is given. */
export function selectionView(app: App, now: Micros, key?: Uint8Array): SelectionView {
  const { spec, policy, steering, arms, keyStrength } = app;
  const planned = app.shown(now, key);
  const estimates = app.estimates(now, key);
  const best = chances(arms.map((_, i) => estimates[i]));
  return {
    app: spec.name, policy: policy.name, contextual: policy.contextual, steering, view: planned?.viewVersion ?? 0, ...(keyStrength === undefined ? {} : { keyStrength }),
    arms: arms.map(({ arm, queue }, i) => {
      const estimate = estimates[i];
      return {
        arm, version: queue?.spec.version ?? null, replicas: queue?.replicas.length ?? 0, open: planned?.open.includes(arm) === true,
        share: planned === undefined ? 0 : shareOf(arm, planned.plan), ...(estimate === undefined ? {} : { reward: interval(estimate) }),
        probabilityBest: best[i] ?? 0,
      };
    }),
  };
}

function shareOf(arm: string, { actions, pmf }: { actions: readonly { ask: readonly string[]; weights?: readonly number[] }[]; pmf: readonly number[] }): number {
  let share = 0;
  for (const [k, { ask, weights }] of actions.entries()) {
    const at = ask.indexOf(arm);
    if (at >= 0) share += (pmf[k] ?? 0) * (weights === undefined ? 1 : (weights[at] ?? 0) / Math.max(Number.MIN_VALUE, weights.reduce((sum, weight) => sum + weight, 0)));
  }
  return share;
}

/** Wilson's score interval (1927) of a mean in [0, 1] of so many rewards. */
function interval({ mean, weight }: Estimate): NonNullable<ArmView['reward']> {
  const spread = Z * Math.sqrt((mean * (1 - mean)) / weight + (Z * Z) / (4 * weight * weight));
  const centre = mean + (Z * Z) / (2 * weight);
  const scale = 1 + (Z * Z) / weight;
  return { mean, low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale), weight };
}

/** Under Beta posteriors of what is believed: an arm of which nothing is known may be anything. */
function chances(estimates: readonly (Estimate | undefined)[]): readonly number[] {
  if (estimates.length === 0) return [];
  const successes = Float64Array.from(estimates, (estimate) => 1 + (estimate === undefined ? 0 : estimate.mean * estimate.weight));
  const failures = Float64Array.from(estimates, (estimate) => 1 + (estimate === undefined ? 0 : (1 - estimate.mean) * estimate.weight));
  return probabilityBest(new BetaScores(successes, failures), estimates.map(() => true));
}
