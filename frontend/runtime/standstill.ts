import type { Micros } from '../domain/clock.ts';

/** Less than this is how an event loop goes. */
const LEAST_MICROS = 2_000;
/** Whoever was idle for longer woke for other things meanwhile, and had to wait for a processor then: that is nobody's who comes now. */
const MOST_APART_MICROS = 100_000;
/** From the end of a turn to the next, where something waited already, and somebody else may have come before. */
const AT_ONCE_MICROS = 1_000;

/**
 * For how long what an event loop reads may have lain there before the turn that reads it: nobody reads while a turn goes on, nor
 * while others have the processor.
 *
 *     turn ├── 12 ms ──┤├ turn             the kernel was asked last when the long turn began
 *     turn ├┤  asleep  ·· 12 ms ··├ turn   woken, and others had the processor
 */
export class Standstill {
  /** How long the loop's thread has waited for a processor; absent where nobody says: then only long turns are seen. */
  readonly #waited: (() => Micros) | undefined;
  #beganAt: Micros = 0;
  #endedAt: Micros = 0;
  #waitedMicros: Micros;
  #lookedAt: Micros = 0;

  constructor(waited: (() => Micros) | undefined) {
    this.#waited = waited;
    this.#waitedMicros = waited?.() ?? 0;
  }

  /** A turn begins: how long before it that may have come which it reads; 0 for less than 2 ms. */
  began(now: Micros): Micros {
    const apart = now - this.#endedAt;
    const micros = apart < AT_ONCE_MICROS ? now - this.#beganAt : this.#waitedSince(apart);
    this.#beganAt = now;
    return micros < LEAST_MICROS ? 0 : micros;
  }

  ended(now: Micros): void {
    this.#endedAt = now;
    if (this.#waited === undefined || now - this.#lookedAt < LEAST_MICROS) return;
    this.#waitedMicros = this.#waited();
    this.#lookedAt = now;
  }

  /** Of the time since the last turn, at the least: from the last look to the end of that turn it may have waited all the time. */
  #waitedSince(apart: Micros): Micros {
    if (this.#waited === undefined || apart < LEAST_MICROS || apart > MOST_APART_MICROS) return 0;
    return Math.min(apart, this.#waited() - this.#waitedMicros - (this.#endedAt - this.#lookedAt));
  }
}
