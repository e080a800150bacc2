import type { Micros } from '../domain/clock.ts';

/** So many are looked at: fewer come close together by chance, more tell of a change late. */
export const RECENT_ARRIVALS = 4;

/** When the last few tasks came: rates are means of seconds, and arrivals may end at once. */
export class RecentArrivals {
  readonly #times = new Float64Array(RECENT_ARRIVALS).fill(-Infinity);
  #count = 0;

  arrived(now: Micros): void {
    this.#times[this.#count++ % RECENT_ARRIVALS] = now;
  }

  /** -Infinity before the first. */
  get lastAtMicros(): Micros {
    return this.#times[(this.#count + RECENT_ARRIVALS - 1) % RECENT_ARRIVALS] ?? -Infinity;
  }

  /** When the first of the last four came; -Infinity before there were so many. */
  get fourthLastAtMicros(): Micros {
    return this.#times[this.#count % RECENT_ARRIVALS] ?? -Infinity;
  }
}
