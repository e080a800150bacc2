import { normalised, soloPlan } from './pmf.ts';
import type { Arm, Cells, Context, Estimate, Increment, Mask, Plan, Policy, RewardEvent } from './policy.ts';

/** What a pmf's sum may be off. */
const TOLERANCE = 2 ** -40;
/** A view that could not be made. */
const BROKEN = Symbol('broken view');

/**
 * The policy, never failing: what throws, or gives no probabilities, is reported and replaced, by uniform probabilities over
 * the arms that may be asked, by no increments, by nothing known. A prediction never fails for its policy.
 * `report` gets what went wrong, in words, each time; the caller counts and rate-limits.
 */
export function guarded(policy: Policy, report: (fault: string) => void): Policy {
  const attempt = <Result>(what: string, run: () => Result, instead: Result): Result => {
    try {
      return run();
    } catch (error) {
      report(`policy ${policy.name}: ${what} threw ${error instanceof Error ? error.message : String(error)}`);
      return instead;
    }
  };
  return {
    name: policy.name,
    contextual: policy.contextual,
    contribution: (event: RewardEvent, arms: readonly Arm[]) => attempt<readonly Increment[]>('contribution', () => checkedIncrements(policy.contribution(event, arms)), []),
    view: (cells: Cells, nowMicros: number, arms: readonly Arm[], priors?: readonly (Estimate | undefined)[]) =>
      attempt<unknown>('view', () => policy.view(cells, nowMicros, arms, priors), BROKEN),
    plan(view: unknown, arms: readonly Arm[], context: Context, mask: Mask, seed: number): Plan {
      const uniform = (): Plan => soloPlan(arms, normalised(arms.map(() => 1), mask));
      if (view === BROKEN) return uniform();
      const plan = attempt<Plan | undefined>('plan', () => checkedPlan(policy.plan(view, arms, context, mask, seed), arms, mask), undefined);
      return plan ?? uniform();
    },
    estimates: (view) => (view === BROKEN ? [] : attempt<readonly (Estimate | undefined)[]>('estimates', () => policy.estimates(view), [])),
    stamp: (view, i) => (view === BROKEN ? 0 : attempt('stamp', () => policy.stamp?.(view, i) ?? 0, 0)),
    expired: (cells, nowMicros) => attempt<readonly string[]>('expired', () => policy.expired?.(cells, nowMicros) ?? [], []),
  };
}

function checkedPlan(plan: Plan, arms: readonly Arm[], mask: Mask): Plan {
  const { actions, pmf } = plan;
  if (pmf.length === 0 || pmf.length !== actions.length) throw new RangeError(`${pmf.length} probabilities for ${actions.length} actions`);
  let sum = 0;
  for (const [k, p] of pmf.entries()) {
    if (!(p >= 0 && p <= 1 + TOLERANCE)) throw new RangeError(`a probability of ${p}`);
    sum += p;
    if (p === 0) continue;
    const { ask, weights, second } = actions[k] ?? { ask: [] };
    if (ask.length === 0) throw new RangeError(`action ${k} asks nobody`);
    for (const arm of second === undefined ? ask : [...ask, second.arm]) if (mask[arms.indexOf(arm)] !== true) throw new RangeError(`asks ${arm}, which is masked or no arm`);
    if (weights !== undefined && (weights.length !== ask.length || !weights.every((weight) => weight >= 0 && weight < Infinity))) throw new RangeError(`weights [${weights.join(', ')}] for ${ask.length} arms`);
  }
  if (!(Math.abs(sum - 1) <= TOLERANCE)) throw new RangeError(`probabilities that sum to ${sum}`);
  return plan;
}

function checkedIncrements(increments: readonly Increment[]): readonly Increment[] {
  for (const increment of increments) {
    const cell: unknown = increment.cell;
    const value: unknown = 'add' in increment ? increment.add : increment.max;
    if (typeof cell !== 'string' || typeof value !== 'bigint') throw new TypeError(`an increment of ${String(value)} to ${String(cell)}`);
  }
  return increments;
}
