/**
 * How much resident memory grew, as a share, over samples at even steps: the greatest of the second half by the greatest of the
 * first. A broker's memory is a saw, since V8 collects the old space whole only every few million requests: two moments
 * compared would tell where in a tooth they lie, and the troughs are missed where a half holds no end of one.
 */
export function growthOf(residentMb: readonly number[]): number {
  const half = Math.floor(residentMb.length / 2);
  return half === 0 ? NaN : Math.max(...residentMb.slice(half)) / Math.max(...residentMb.slice(0, half)) - 1;
}
