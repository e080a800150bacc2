/** What an alarm and its thread share. */
export interface AlarmShared {
  /** One Int32, a count that goes up with each change of the time: what the thread sleeps on. */
  readonly changes: SharedArrayBuffer;
  /** One BigInt64: when to ring, by `process.hrtime`, which all threads read alike. */
  readonly atNanos: SharedArrayBuffer;
}

export const CHANGES = 0;
export const NEVER_NANOS = 2n ** 63n - 1n;
export const CLOSED_NANOS = -1n;
