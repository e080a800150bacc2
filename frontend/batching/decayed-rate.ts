import type { Micros } from '../domain/clock.ts';

/**
 * Something per microsecond, of late: what is counted goes in at each `fold` and loses weight by age. Young, it is the
 * plain mean since the beginning.
 */
export class DecayedRate {
  readonly #memoryMicros: Micros;
  #pending = 0;
  #sum = 0;
  #micros = 0;

  constructor(options: { memoryMicros: Micros }) {
    this.#memoryMicros = options.memoryMicros;
  }

  add(count: number): void {
    this.#pending += count;
  }

  /** `passedMicros` went by since the last fold. */
  fold(passedMicros: Micros): void {
    if (passedMicros <= 0) return;
    const keep = Math.exp(-passedMicros / this.#memoryMicros);
    // What was counted came at any time since, and has lost weight since then as well: a long silence is no more than a memory of it.
    const counted = (this.#memoryMicros * (1 - keep)) / passedMicros;
    this.#sum = this.#sum * keep + this.#pending * counted;
    this.#micros = this.#micros * keep + passedMicros * counted;
    this.#pending = 0;
  }

  /** As of the last fold. */
  get perMicro(): number {
    return this.#micros === 0 ? 0 : this.#sum / this.#micros;
  }
}
