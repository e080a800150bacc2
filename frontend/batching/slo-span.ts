import type { Micros } from '../domain/clock.ts';

const ARRIVALS = 256;

/** The shortest and the longest SLO of late: among the last 256 arrivals at least, and twice as many at most. */
export class SloSpan {
  #leastMicros: Micros = Infinity;
  #mostMicros: Micros = 0;
  #earlierLeastMicros: Micros = Infinity;
  #earlierMostMicros: Micros = 0;
  #arrivals = 0;

  /** Infinity before the first. */
  get leastMicros(): Micros {
    return Math.min(this.#leastMicros, this.#earlierLeastMicros);
  }
  /** 0 before the first. */
  get mostMicros(): Micros {
    return Math.max(this.#mostMicros, this.#earlierMostMicros);
  }

  arrived(sloMicros: Micros): void {
    if (this.#arrivals++ === ARRIVALS) this.#turn();
    if (sloMicros < this.#leastMicros) this.#leastMicros = sloMicros;
    if (sloMicros > this.#mostMicros) this.#mostMicros = sloMicros;
  }

  #turn(): void {
    this.#earlierLeastMicros = this.#leastMicros;
    this.#earlierMostMicros = this.#mostMicros;
    this.#leastMicros = Infinity;
    this.#mostMicros = 0;
    this.#arrivals = 1;
  }
}
