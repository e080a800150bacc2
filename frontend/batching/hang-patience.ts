import type { Micros } from '../domain/clock.ts';

/** A batch is hung when it takes `factor` times the p99 of its size, but at least `floorMicros`; `unknownMicros` while nothing was measured. */
export interface HangLimits {
  readonly factor: number;
  readonly floorMicros: Micros;
  readonly unknownMicros: Micros;
}

const HANG_LIMITS: HangLimits = Object.freeze({ factor: 10, floorMicros: 1_000_000, unknownMicros: 30_000_000 });
/** Doublings of the patience at most. */
const MAX_HANGS = 4;

/**
 * How long a batch may take before its replica counts as hung: twice as long after each hang, until a batch is done. So a
 * model that has become slow is let finish in the end, and one that hangs at times is fenced as fast as ever.
 */
export class HangPatience {
  readonly #limits: HangLimits;
  #hangs = 0;

  constructor(limits: HangLimits = HANG_LIMITS) {
    this.#limits = limits;
  }

  hung(): void {
    this.#hangs++;
  }

  done(): void {
    this.#hangs = 0;
  }

  /** `p99Micros` of the batch's size; 0 where nothing is known. */
  micros(p99Micros: Micros): Micros {
    const { factor, floorMicros, unknownMicros } = this.#limits;
    const usualMicros = p99Micros === 0 ? unknownMicros : Math.max(floorMicros, Math.ceil(factor * p99Micros));
    return usualMicros * 2 ** Math.min(this.#hangs, MAX_HANGS);
  }
}
