import type { Micros } from '../domain/clock.ts';

export interface Rate {
  /** So many a second in the long run. */
  readonly perSecond: number;
  /** So many at once after a rest; at least 1. */
  readonly burst: number;
}

/**
 * A rate with bursts, as one number: the time by which all that was taken would have been given at the even pace (the
 * generic cell rate algorithm of ITU-T I.371, which is the leaky or token bucket).
 */
export class TokenBucket {
  readonly #gapMicros: number;
  readonly #toleranceMicros: number;
  #evenMicros: Micros = -Infinity;

  constructor({ perSecond, burst }: Rate) {
    if (!(perSecond > 0) || !(burst >= 1)) throw new RangeError(`a rate of ${perSecond} a second in bursts of ${burst}`);
    this.#gapMicros = 1_000_000 / perSecond;
    this.#toleranceMicros = (burst - 1) * this.#gapMicros;
  }

  /** Takes one and returns 0, or says how long there is none. Time may not go back. */
  take(now: Micros): Micros {
    const even = Math.max(this.#evenMicros, now);
    const wait = even - now - this.#toleranceMicros;
    // Sums of gaps that are no whole number of microseconds: a thousandth of one is nobody's time.
    if (wait > 0.001) return Math.ceil(wait);
    this.#evenMicros = even + this.#gapMicros;
    return 0;
  }
}
