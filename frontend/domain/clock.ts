/** Microseconds on the broker's monotonic clock; an integer below 2^53. */
export type Micros = number;

/**
 * The only way in which the broker meets time. `main` fills in the real one, the simulator a virtual one.
 * `wakeAt` calls once at or after `at` and returns what takes the call back; `defer` runs after the current turn of
 * the event loop, so that what arrives together is handled together.
 */
export interface Clock {
  now(): Micros;
  /** When that came, at the earliest, which this turn of the event loop reads: before `now` by as long as nobody could read it. */
  arrived(): Micros;
  wakeAt(at: Micros, wake: () => void): () => void;
  defer(run: () => void): void;
}
