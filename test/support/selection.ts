import { apply } from '../../selection-policies/cells.ts';
import type { ArmReward, Cells, Plan, Policy, RewardEvent } from '../../selection-policies/policy.ts';

/** An event of one arm, with certainty unless said otherwise. */
export function rewarded(arm: string, reward: number, more: Partial<RewardEvent> & Pick<ArmReward, 'stamp'> = {}): RewardEvent {
  const { stamp, ...rest } = more;
  return { rewards: [{ arm, reward, ...(stamp === undefined ? {} : { stamp }) }], propensity: 1, atMicros: 0, ...rest };
}

/** The cells after these events, written by one writer. */
export function taught(policy: Policy, arms: readonly string[], events: readonly RewardEvent[]): Map<string, bigint> {
  const cells = new Map<string, bigint>();
  for (const event of events) apply(cells, policy.contribution(event, arms));
  return cells;
}

/** `count` rewards of an arm, as many of them 1 as the mean asks for, spread evenly. */
export function rewards(arm: string, count: number, mean: number): RewardEvent[] {
  return Array.from({ length: count }, (_, i) => rewarded(arm, Math.floor((i + 1) * mean) - Math.floor(i * mean), { atMicros: i }));
}

/** The plan of these cells, at the time 0 unless said otherwise. */
export function planOf(policy: Policy, cells: Cells, arms: readonly string[], { mask = arms.map(() => true), nowMicros = 0 }: { mask?: readonly boolean[]; nowMicros?: number } = {}): Plan {
  return policy.plan(policy.view(cells, nowMicros, arms), arms, undefined, mask, 0);
}

/** The broker's loop with one writer and a new view every 5 steps; returns the arm of each step. `means(t)` may change. */
export function simulate(policy: Policy, arms: readonly string[], run: { steps: number; draw: () => number; means: (t: number) => readonly number[] }): { asked: number[]; cells: Map<string, bigint> } {
  const cells = new Map<string, bigint>();
  const mask = arms.map(() => true);
  const asked: number[] = [];
  let view = policy.view(cells, 0, arms);
  let pmf: Plan['pmf'] = [];
  for (let t = 0; t < run.steps; t++) {
    if (t % 5 === 0) view = policy.view(cells, t, arms);
    if (t % 5 === 0) pmf = policy.plan(view, arms, undefined, mask, t).pmf;
    let left = run.draw();
    const found = pmf.findIndex((p) => (left -= p) < 0);
    const arm = found < 0 ? pmf.length - 1 : found;
    const stamp = policy.stamp?.(view, arm) ?? 0;
    asked.push(arm);
    apply(cells, policy.contribution(rewarded(arms[arm] ?? '', run.draw() < (run.means(t)[arm] ?? 0) ? 1 : 0, { stamp, propensity: pmf[arm] ?? 1, atMicros: t }), arms));
  }
  return { asked, cells };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Fails unless the two are within `within` of each other, and says both. */
export function near(actual: number | undefined, expected: number, within: number): void {
  if (actual === undefined || !(Math.abs(actual - expected) <= within)) throw new Error(`${actual} is not within ${within} of ${expected}`);
}
