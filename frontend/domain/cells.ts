import type { Cells, Increment } from '../../selection-policies/policy.ts';

/** An app's cells as they are now. */
export interface CellsSnapshot {
  /** One object for the life of the app: its content changes between turns of the event loop, never within one. */
  readonly cells: Cells;
  /** Rises with each change of the content; what was made of the cells is kept as long as it stays. */
  readonly version: number;
}

/**
 * Where selection reads the state of policies. Embedded, cells show what is durable; over a shared store they are at most
 * 100 ms behind it while it answers, and what they were where it does not.
 */
export interface CellsView {
  /** Empty, with version 0, for an app that learned nothing yet. */
  snapshot(app: string): CellsSnapshot;
}

/**
 * The cells of single context keys: what the policy of an app has learned of one user, one segment. `context` is the keyed
 * hash of 8 bytes that stands in receipts. There may be more keys than memory holds: those that were used last are held.
 */
export interface KeyCellsView {
  /** Undefined while they are read from the store. One object, as of `snapshot`, for as long as the key is held. */
  ofKey(app: string, context: Uint8Array): CellsSnapshot | undefined;
  /** Memory of all keys that are held. */
  readonly bytes: number;
  /** At most `most` of the app's keys that are held and have cells. */
  held(app: string, most: number): readonly CellsSnapshot[];
}

/** Cells are signed integers of 64 bits wherever they are kept; the least one is left out, for it has no opposite. */
const LARGEST = 2n ** 63n - 1n;

export function isCell(value: bigint): boolean {
  return value <= LARGEST && value >= -LARGEST;
}

/** What the cell becomes. */
export function incremented(before: bigint | undefined, increment: Increment): bigint {
  if ('add' in increment) return (before ?? 0n) + increment.add;
  return before === undefined || increment.max > before ? increment.max : before;
}

/**
 * What turns a state that `before` went into, into the state that `after` alone would have made: the differences of sums.
 * Maxima only rise, and so `before`'s stay. Increments of one cell are put together; what changes nothing is left out.
 */
export function difference(after: readonly Increment[], before: readonly Increment[]): readonly Increment[] {
  const sums = new Map<string, bigint>();
  const maxima: Increment[] = [];
  for (const increment of after) {
    if ('add' in increment) sums.set(increment.cell, (sums.get(increment.cell) ?? 0n) + increment.add);
    else maxima.push(increment);
  }
  for (const increment of before) if ('add' in increment) sums.set(increment.cell, (sums.get(increment.cell) ?? 0n) - increment.add);
  const adds = [...sums].filter(([, add]) => add !== 0n).map(([cell, add]): Increment => ({ cell, add }));
  return [...adds, ...maxima];
}
