import type { BatchSample, Controller } from '../controller.ts';

const INCREASE_ROWS = 2;

/**
 * Additive increase, multiplicative decrease: Crankshaw et al., "Clipper: A Low-Latency Online Prediction Serving System",
 * NSDI 2017, section 4.3.1, with the constants of the authors' prototype. The size starts at 1; a batch that took less
 * than 90 % of the SLO adds 2, one that took less than the SLO changes nothing, any other takes away a tenth.
 * As there, the next size follows from the batch that was sent, so several replicas under one controller move it once.
 *
 * One rule more, from Netflix concurrency-limits (`AIMDLimit`): only a full batch raises the size.
 */
export class AimdController implements Controller {
  readonly #maxRows: number;
  #rows = 1;

  constructor(options: { maxBatch: number }) {
    if (!Number.isInteger(options.maxBatch) || options.maxBatch < 1) throw new RangeError(`maxBatch is ${options.maxBatch}; at least 1`);
    this.#maxRows = options.maxBatch;
  }

  decide(): number {
    return this.#rows;
  }

  observe(sample: BatchSample): void {
    if (sample.verdict === 'ignore') return;
    if (sample.verdict === 'dropped' || sample.latencyMicros >= sample.sloMicros) this.#shrink(sample);
    else if (sample.full && sample.latencyMicros * 10 < sample.sloMicros * 9) this.#grow(sample.rows);
  }

  #grow(rows: number): void {
    this.#rows = Math.max(this.#rows, Math.min(rows + INCREASE_ROWS, this.#maxRows));
  }

  #shrink(sample: BatchSample): void {
    // A late batch that was not full says nothing about its own size against ours: a tenth of ours goes.
    const from = sample.full ? sample.rows : this.#rows;
    this.#rows = Math.min(this.#rows, Math.max(1, Math.floor((from * 9) / 10)));
  }
}
