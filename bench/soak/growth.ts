/**
 * How much resident memory grew, as a share, over samples at even steps: a broker's memory is a saw, since V8 collects the old space
 * whole only every few million requests, and two moments compared would tell in which tooth they lie. So the greatest of the
 * second half is held against the greatest of the first, and the least against the least: the worse of the two.
 */
export function growthOf(residentMb: readonly number[]): number {
  const half = Math.floor(residentMb.length / 2);
  if (half === 0) return NaN;
  const [first, second] = [residentMb.slice(0, half), residentMb.slice(half)];
  return Math.max(Math.max(...second) / Math.max(...first), Math.min(...second) / Math.min(...first)) - 1;
}
