import type { BatchSample, Controller } from '../controller.ts';
import { AimdController } from './aimd.ts';
import { fitQuantileLine } from './quantile-line.ts';
import type { Line } from './quantile-line.ts';

const QUANTILE = 0.99;
/** Batches of exploration before the first line, and those that a line is fitted to. */
const SAMPLES = 500;
/** Batches from one fit to the next. */
const REFIT_BATCHES = 50;

/**
 * Quantile regression: Crankshaw et al., "Clipper: A Low-Latency Online Prediction Serving System", NSDI 2017, section
 * 4.3.1: a line through the 99th percentile of latency by batch size says how many rows fit the SLO. As in the authors'
 * prototype, AIMD explores for the first 500 batches (of 500 to 1000 there), and then b = (SLO − β) / α.
 *
 * Two rules more, since the prototype froze its line: it is fitted anew to the last 500 batches, every 50; and the size at
 * most doubles beyond what those have seen.
 */
export class QuantileController implements Controller {
  readonly #maxRows: number;
  readonly #explorer: AimdController;
  readonly #rows = new Float64Array(SAMPLES);
  readonly #micros = new Float64Array(SAMPLES);
  #seen = 0;
  #line: Line = { slope: 0, intercept: 0 };
  #largestRows = 1;
  #decided = 1;

  constructor(options: { maxBatch: number }) {
    this.#maxRows = options.maxBatch;
    this.#explorer = new AimdController(options);
  }

  decide(): number {
    return this.#seen < SAMPLES ? this.#explorer.decide() : this.#decided;
  }

  observe(sample: BatchSample): void {
    if (this.#seen < SAMPLES) this.#explorer.observe(sample);
    if (sample.verdict === 'ignore') return;
    if (sample.verdict === 'dropped') {
      this.#decided = Math.max(1, Math.floor((this.#decided * 9) / 10));
      return;
    }
    const at = this.#seen++ % SAMPLES;
    this.#rows[at] = sample.rows;
    this.#micros[at] = sample.latencyMicros;
    if (this.#seen >= SAMPLES && this.#seen % REFIT_BATCHES === 0) this.#refit();
    if (this.#seen >= SAMPLES) this.#decided = this.#rowsWithin(sample.sloMicros);
  }

  #refit(): void {
    this.#line = fitQuantileLine({ rows: this.#rows, micros: this.#micros, count: SAMPLES }, QUANTILE, this.#line);
    this.#largestRows = this.#rows.reduce((a, b) => Math.max(a, b), 1);
  }

  #rowsWithin(sloMicros: number): number {
    const { slope, intercept } = this.#line;
    const left = sloMicros - intercept;
    const rows = slope > 0 ? Math.floor(left / slope) : (left > 0 ? Infinity : 1);
    return Math.max(1, Math.min(rows, 2 * this.#largestRows, this.#maxRows));
  }
}
