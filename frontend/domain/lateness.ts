import type { Micros } from './clock.ts';

const MOST_MICROS = 20_000;
/** Wakes that are looked back on, and how many more make the look be taken anew. */
const WAKES = 256;
const REFRESH_WAKES = 16;
/** As long as fewer have come, the worst of them counts. */
const FEWEST_WAKES = 32;
/**
 * Three wakes of a hundred come later than what is told. No more than one answer in thirty is given at the last moment, so
 * that one in a thousand is late for it; and a pause now and then does not cost everybody who asks in the seconds after it.
 */
const SHARE = 0.97;

/** How late wakes come, learned from the last that came: whoever must be done by a time asks to be woken this much earlier. */
export class Lateness {
  readonly #leastMicros: Micros;
  readonly #last = new Float64Array(WAKES);
  readonly #sorted = new Float64Array(WAKES);
  #seen = 0;
  #micros: Micros;

  /** `firstMicros` at least until enough wakes have come; `leastMicros`: what is to be done after a wake takes as long. */
  constructor(options: { firstMicros: Micros; leastMicros: Micros }) {
    this.#micros = options.firstMicros;
    this.#leastMicros = options.leastMicros;
  }

  /** A wake for `at` came at `now`. */
  woke(at: Micros, now: Micros): void {
    const late = Math.min(Math.max(now - at, 0) + this.#leastMicros, MOST_MICROS);
    this.#last[this.#seen++ % WAKES] = late;
    if (this.#seen < FEWEST_WAKES) this.#micros = Math.max(this.#micros, late);
    else if (this.#seen % REFRESH_WAKES === 0) this.#micros = this.#usual();
  }

  get micros(): Micros {
    return Math.ceil(this.#micros);
  }

  #usual(): Micros {
    const count = Math.min(this.#seen, WAKES);
    const sorted = this.#sorted.subarray(0, count);
    sorted.set(this.#last.subarray(0, count));
    sorted.sort();
    return sorted[Math.ceil(SHARE * count) - 1] ?? this.#micros;
  }
}
