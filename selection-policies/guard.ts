import { normalised, soloPlan } from './pmf.ts';
import type { Action, Arm, Cells, Context, Estimate, Increment, Mask, Plan, Policy, RewardEvent } from './policy.ts';

/** What a pmf's sum may be off. */
const TOLERANCE = 2 ** -40;
/** A view that could not be made. */
const BROKEN = Symbol('broken view');

/** More than any cell of the catalog's policies has. */
const LONGEST_CELL = 4_096;

/**
 * The policy, never failing: what throws, or gives no probabilities, is reported and replaced, by uniform probabilities over
 * the arms that may be asked, by nothing known. A prediction never fails for its policy. What it adds is checked too, but
 * `contribution` throws: there a fault must be told from nothing to add.
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
    contribution: (event: RewardEvent, arms: readonly Arm[]) => checkedIncrements(atOnce(policy.contribution(event, arms))),
    view: (cells: Cells, nowMicros: number, arms: readonly Arm[], priors?: readonly (Estimate | undefined)[]) =>
      attempt<unknown>('view', () => atOnce(policy.view(readOnly(cells), nowMicros, arms, priors)), BROKEN),
    plan(view: unknown, arms: readonly Arm[], context: Context, mask: Mask, seed: number): Plan {
      const uniform = (): Plan => soloPlan(arms, normalised(arms.map(() => 1), mask));
      if (view === BROKEN) return uniform();
      const plan = attempt<Plan | undefined>('plan', () => checkedPlan(atOnce(policy.plan(view, arms, context, mask, seed)), arms, mask), undefined);
      return plan ?? uniform();
    },
    estimates: (view) => (view === BROKEN ? [] : attempt<readonly (Estimate | undefined)[]>('estimates', () => checkedEstimates(atOnce(policy.estimates(view))), [])),
    ...(policy.stamp === undefined ? {} : { stamp: (view, i) => (view === BROKEN ? 0 : attempt('stamp', () => checkedStamp(atOnce(policy.stamp?.(view, i))), 0)) }),
    ...(policy.expired === undefined ? {} : { expired: (cells, nowMicros) => attempt<readonly string[]>('expired', () => checkedNames(atOnce(policy.expired?.(readOnly(cells), nowMicros))), []) }),
  };
}

/** Policies, and what makes them, are functions of their arguments: one that is `async` has nothing to wait for, and nobody waits for it. */
export function atOnce<Result>(result: Result): Result {
  if (result instanceof Promise) {
    result.catch(() => undefined);
    throw new TypeError('gave a promise; a policy answers at once');
  }
  return result;
}

/** The cells without the ways to write to them: they are the store's own, and what a policy wrote there nobody would ever store. */
function readOnly(cells: Cells): Cells {
  return {
    get size() {
      return cells.size;
    },
    get: (cell) => cells.get(cell), has: (cell) => cells.has(cell),
    keys: () => cells.keys(), values: () => cells.values(), entries: () => cells.entries(), [Symbol.iterator]: () => cells.entries(),
    forEach(tell, self) {
      for (const [cell, value] of cells) tell.call(self, value, cell, this);
    },
  };
}

/** A plan is kept for as long as its view and mask stay: it is a copy, for the policy may write its next one into the same arrays. */
function checkedPlan(plan: Plan, arms: readonly Arm[], mask: Mask): Plan {
  const { actions, pmf } = plan;
  if (pmf.length === 0 || pmf.length !== actions.length) throw new RangeError(`${pmf.length} probabilities for ${actions.length} actions`);
  let sum = 0;
  for (const [k, p] of pmf.entries()) {
    if (typeof p !== 'number' || !(p >= 0 && p <= 1 + TOLERANCE)) throw new RangeError(`a probability of ${inWords(p)}`);
    sum += p;
    const action = actions[k];
    // Nearly every plan, and some are made for one query: the arm that stands there, and it alone.
    if ((p === 0 || mask[k] === true) && isPlain(action, arms[k])) continue;
    checkAction(k, action, { arms, mask: p === 0 ? undefined : mask });
  }
  if (!(Math.abs(sum - 1) <= TOLERANCE)) throw new RangeError(`probabilities that sum to ${sum}`);
  return { actions: [...actions], pmf: [...pmf] };
}

/** A text that looks like a number is told from one. */
function inWords(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : String(value);
}

function isPlain(action: Action | undefined, arm: Arm | undefined): boolean {
  return action?.ask?.length === 1 && action.ask[0] === arm && action.weights === undefined && action.second === undefined && action.shadow === undefined;
}

/** `mask` is undefined for an action without probability: it may name arms that are not to be asked. */
function checkAction(k: number, action: Action | undefined, { arms, mask }: { arms: readonly Arm[]; mask: Mask | undefined }): void {
  const { ask = [], weights, second, shadow } = action ?? {};
  if (!Array.isArray(ask) || ask.length === 0) throw new RangeError(`action ${k} asks nobody`);
  const asked: readonly Arm[] = second === undefined ? ask : [...ask, second.arm];
  for (const arm of asked) if (!arms.includes(arm) || mask?.[arms.indexOf(arm)] === false) throw new RangeError(`asks ${arm}, which is masked or no arm`);
  if (new Set(asked).size < asked.length) throw new RangeError(`action ${k} asks ${asked.join(', ')}: an arm twice`);
  if (second !== undefined && !(second.whenConfidenceBelow >= 0 && second.whenConfidenceBelow <= 1)) throw new RangeError(`a bound of ${second.whenConfidenceBelow} to ask ${second.arm}`);
  if (shadow !== undefined && !(Array.isArray(shadow) && shadow.every((arm) => arms.includes(arm)))) throw new RangeError(`action ${k} has a shadow that is no arm`);
  if (ask.length > 1 && (weights === undefined || second !== undefined)) throw new RangeError(`action ${k} asks ${ask.length} arms; expected weights for them, and no second`);
  if (weights === undefined) checkPlace(k, asked, arms);
  else if (weights.length !== ask.length || !weights.every((weight) => weight >= 0 && weight < Infinity)) throw new RangeError(`weights [${weights.join(', ')}] for ${ask.length} arms`);
}

/** Of an arm that is asked alone, the place of the action says whose the reward is. */
function checkPlace(k: number, asked: readonly Arm[], arms: readonly Arm[]): void {
  const [arm = '', ...others] = asked;
  if (others.length === 0 && arms[k] !== arm) throw new RangeError(`action ${k} asks ${arm}, which is arm ${arms.indexOf(arm)}; expected one action an arm, in their order`);
}

function checkedEstimates(estimates: readonly (Estimate | undefined)[]): readonly (Estimate | undefined)[] {
  if (!Array.isArray(estimates)) throw new TypeError('gave no list');
  for (const estimate of estimates as readonly (Estimate | undefined)[]) {
    if (estimate === undefined) continue;
    const { mean, weight } = estimate;
    if (!(mean >= -TOLERANCE && mean <= 1 + TOLERANCE && weight > 0 && weight < Infinity)) throw new RangeError(`a mean of ${mean} with the weight ${weight}`);
  }
  return estimates;
}

function checkedStamp(stamp: number | undefined): number {
  if (stamp === undefined || !Number.isSafeInteger(stamp) || stamp < 0) throw new RangeError(`a stamp of ${String(stamp)}`);
  return stamp;
}

function checkedNames(cells: readonly string[] | undefined): readonly string[] {
  if (!Array.isArray(cells) || !cells.every((cell) => typeof cell === 'string')) throw new TypeError('gave no list of cells');
  return cells;
}

function checkedIncrements(increments: readonly Increment[]): readonly Increment[] {
  for (const increment of increments) {
    const cell: unknown = increment.cell;
    const value: unknown = 'add' in increment ? increment.add : increment.max;
    if (typeof cell !== 'string' || typeof value !== 'bigint') throw new TypeError(`an increment of ${String(value)} to ${String(cell)}; expected a bigint, as 1n`);
    if (cell.length > LONGEST_CELL) throw new RangeError(`a cell with a name of ${cell.length} characters`);
  }
  return increments;
}
