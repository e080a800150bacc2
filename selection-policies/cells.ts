import type { Cells, Increment, RewardEvent } from './policy.ts';

/** Reals are kept as integers, in units of 2^-20: adds then commute exactly, which adds of floats do not. */
const UNIT = 2 ** 20;

/** The nearest multiple of 2^-20, as a cell holds it. Throws RangeError where there is none. */
export function fixed(value: number): bigint {
  return BigInt(Math.round(value * UNIT));
}

/** The real number in a cell; 0 where there is no such cell. */
export function real(cells: Cells, cell: string): number {
  const value = cells.get(cell);
  return value === undefined ? 0 : Number(value) / UNIT;
}

/** The integer in a cell, from 0 to 2^53 - 1, so that it can be counted on; 0 where there is no such cell. */
export function count(cells: Cells, cell: string): number {
  const value = cells.get(cell);
  return value === undefined || value < 0n ? 0 : Math.min(Number(value), Number.MAX_SAFE_INTEGER);
}

/** Carries the increments out on cells in memory. */
export function apply(cells: Map<string, bigint>, increments: readonly Increment[]): void {
  for (const increment of increments) {
    const old = cells.get(increment.cell);
    if ('add' in increment) cells.set(increment.cell, (old ?? 0n) + increment.add);
    else if (old === undefined || increment.max > old) cells.set(increment.cell, increment.max);
  }
}

/** Throws RangeError where the event breaks the contract; what comes from outside is refused long before, at the door. */
export function checkEvent(event: RewardEvent): void {
  if (!(event.propensity > 0 && event.propensity <= 1)) throw new RangeError(`a propensity of ${event.propensity}; expected above 0, at most 1`);
  if (!Number.isFinite(event.atMicros)) throw new RangeError(`a time of ${event.atMicros}`);
  if (event.rewards.length === 0) throw new RangeError('an event without rewards');
  for (const { arm, reward } of event.rewards) {
    if (!(reward >= 0 && reward <= 1)) throw new RangeError(`a reward of ${reward} for ${arm}; expected 0 to 1`);
  }
}
