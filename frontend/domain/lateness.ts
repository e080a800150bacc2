import type { Micros } from './clock.ts';

const MOST_MICROS = 20_000;
/** So many wakes until half of a late one is forgotten: about the worst of the last hundred. */
const HALF_LIFE = 32;

/**
 * How late wakes come, learned from those that came: whoever must be done by a time asks to be woken this much earlier.
 * A late one counts at once, and is forgotten slowly.
 */
export class Lateness {
  readonly #leastMicros: Micros;
  #micros: Micros;

  /** `firstMicros` until wakes have come; `leastMicros`: what is to be done after a wake takes as long. */
  constructor(options: { firstMicros: Micros; leastMicros: Micros }) {
    this.#micros = options.firstMicros;
    this.#leastMicros = options.leastMicros;
  }

  /** A wake for `at` came at `now`. */
  woke(at: Micros, now: Micros): void {
    const late = Math.min(Math.max(now - at, 0) + this.#leastMicros, MOST_MICROS);
    this.#micros = late >= this.#micros ? late : late + (this.#micros - late) * 2 ** (-1 / HALF_LIFE);
  }

  get micros(): Micros {
    return Math.ceil(this.#micros);
  }
}
