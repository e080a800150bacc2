import type { Micros } from '../domain/clock.ts';

/** Longer than a round of callers who ask again when they are answered, shorter than what people do. */
const WINDOW_MICROS = 100_000;

/** The most that there was at once over the last one to two windows of a tenth of a second. */
export class RecentMost {
  #beganAtMicros: Micros = -Infinity;
  #current = 0;
  #before = 0;

  saw(count: number, now: Micros): void {
    this.#turn(now);
    if (count > this.#current) this.#current = count;
  }

  at(now: Micros): number {
    this.#turn(now);
    return Math.max(this.#current, this.#before);
  }

  #turn(now: Micros): void {
    const age = now - this.#beganAtMicros;
    if (age < WINDOW_MICROS) return;
    this.#before = age < 2 * WINDOW_MICROS ? this.#current : 0;
    this.#current = 0;
    this.#beganAtMicros = now;
  }
}
