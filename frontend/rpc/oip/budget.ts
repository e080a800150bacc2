import type { ReplicaBatch, RowSlice } from '../../domain/replica.ts';

/**
 * Whole microseconds until the last deadline of a batch: what a server is told as the protocol's `timeout`. One that
 * drops a call drops it whole, so that it may only do so when no row of it can be in time.
 */
export function latestBudgetMicros({ slices, budgetMicros }: ReplicaBatch): number {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < slices.length; s++) {
    const { deadlineAtMicros } = (slices[s] as RowSlice).query;
    if (deadlineAtMicros < first) first = deadlineAtMicros;
    if (deadlineAtMicros > last) last = deadlineAtMicros;
  }
  return Math.max(1, Math.trunc(budgetMicros + last - first));
}
