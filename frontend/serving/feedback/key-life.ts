import type { Cells, Increment } from '../../../selection-policies/policy.ts';

/** Of the cells of a context key: since when they are there, in microseconds of the epoch. Negative, so that the earliest of all writers stands. */
const SINCE = '/since';

/** What goes with all that is added at this time and may have to be taken back. */
export function since(epochMicros: number): Increment {
  return { cell: SINCE, max: BigInt(-epochMicros) };
}

/**
 * Whether what was added to these cells at that time has gone since: the key was forgotten or evicted, and may have begun
 * anew. 0: it was added by a broker that noted no time, and is gone only where nothing is left. As exact as the clocks of
 * brokers agree, and but for a key that is forgotten while the correction is on its way.
 */
export function isGone(cells: Cells, addedAtEpochMicros: number): boolean {
  if (cells.size === 0) return true;
  const from = cells.get(SINCE);
  return addedAtEpochMicros > 0 && (from === undefined || -from > BigInt(addedAtEpochMicros));
}
