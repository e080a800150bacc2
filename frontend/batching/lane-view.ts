import type { Micros } from '../domain/clock.ts';
import type { WaitingRows } from './controller.ts';

/** What a view asks of a run. */
export interface CountedRun {
  readonly tier: number;
  readonly rows: number;
  rowsFrom(at: Micros): number;
  firstFrom(at: Micros): number;
  deadlineAt(position: number): Micros;
}

/** The rows of one lane with a tier up to `lastTier`, as a controller sees them; good until the next change of the lane. */
export class LaneView implements WaitingRows {
  readonly #runs: readonly CountedRun[];
  readonly #lastTier: number;

  constructor(runs: readonly CountedRun[], lastTier: number) {
    this.#runs = runs;
    this.#lastTier = lastTier;
  }

  get rows(): number {
    let rows = 0;
    for (const run of this.#runs) if (run.tier <= this.#lastTier) rows += run.rows;
    return rows;
  }
  get headDeadlineAtMicros(): Micros {
    return this.firstFrom(-Infinity);
  }

  rowsFrom(at: Micros): number {
    let rows = 0;
    for (const run of this.#runs) if (run.tier <= this.#lastTier) rows += run.rowsFrom(at);
    return rows;
  }

  firstFrom(at: Micros): Micros {
    let earliest = Infinity;
    for (const run of this.#runs) if (run.tier <= this.#lastTier) earliest = Math.min(earliest, run.deadlineAt(run.firstFrom(at)));
    return earliest;
  }
}
