const FIRST_MS = 5;
const LAST_MS = 1000;

/**
 * How long to wait before retry number `retry` (from 0), in milliseconds: any time up to twice as long as before, so that
 * callers that failed together do not come back together ("full jitter"), but no less than the broker asked for.
 * `random` is a number in [0, 1).
 */
export function backoffMs(retry: number, random: number, retryAfterMs = 0): number {
  const most = Math.min(LAST_MS, FIRST_MS * 2 ** retry);
  return retryAfterMs + most * random;
}
