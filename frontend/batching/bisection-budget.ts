import type { Micros } from '../domain/clock.ts';

const WINDOW_SECONDS = 60;
const SECOND_MICROS = 1_000_000;
/** Of the time that the model worked over the window, this share may go to searching for bad rows. */
const SHARE = 0.05;

/** The search for the rows of one batch at which the model fails: how many more calls it may make. */
export interface Bisection {
  callsLeft: number;
  /** It is the one that may run to its end whatever the share says. */
  readonly free: boolean;
}

/**
 * How much of a model's time may go to bisecting batches that it answered with an error: 2·⌈log2 b⌉ + 2 extra calls for
 * a batch of b rows (enough to find one bad row, and a little), and 5 % of the time that it worked over the last minute,
 * in which calls that were taken and have not ended count with what the last batch took: many batches may fail before the first
 * of those calls ends. One bisection a minute is free of the second rule, so that a quiet model is searched too.
 */
export class BisectionBudget {
  readonly #worked = new Float64Array(WINDOW_SECONDS);
  readonly #searched = new Float64Array(WINDOW_SECONDS);
  #second = 0;
  #lastMicros = 0;
  #freeAgainAtMicros: Micros = -Infinity;

  /** A batch took `micros` of a replica's time; `searching`: it was a call of a bisection. */
  spend(micros: number, searching: boolean, now: Micros): void {
    this.#advance(now);
    const at = this.#second % WINDOW_SECONDS;
    this.#lastMicros = micros;
    this.#worked[at] = (this.#worked[at] ?? 0) + micros;
    if (searching) this.#searched[at] = (this.#searched[at] ?? 0) + micros;
  }

  /** Begins the search in a batch of `rows` rows. */
  begin(rows: number, now: Micros): Bisection {
    const free = now >= this.#freeAgainAtMicros;
    if (free) this.#freeAgainAtMicros = now + WINDOW_SECONDS * SECOND_MICROS;
    return { callsLeft: 2 * Math.ceil(Math.log2(rows)) + 2, free };
  }

  /** Takes `calls` calls for it; false, and none taken, if they are not to be had. `open`: calls of all bisections that have not ended. */
  take(bisection: Bisection, calls: number, now: Micros, open: number): boolean {
    if (bisection.callsLeft < calls) return false;
    if (!bisection.free && !this.#isWithinShare(now, open)) return false;
    bisection.callsLeft -= calls;
    return true;
  }

  #isWithinShare(now: Micros, open: number): boolean {
    this.#advance(now);
    return sum(this.#searched) + open * this.#lastMicros <= SHARE * sum(this.#worked);
  }

  /** Empties the seconds that have passed out of the window. */
  #advance(now: Micros): void {
    const second = Math.floor(now / SECOND_MICROS);
    const from = Math.max(this.#second + 1, second - WINDOW_SECONDS + 1);
    for (let s = from; s <= second; s++) {
      this.#worked[s % WINDOW_SECONDS] = 0;
      this.#searched[s % WINDOW_SECONDS] = 0;
    }
    if (second > this.#second) this.#second = second;
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
