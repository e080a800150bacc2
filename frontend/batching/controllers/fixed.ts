import type { Controller } from '../controller.ts';

/** Always the same size. */
export class FixedController implements Controller {
  readonly #rows: number;

  constructor(options: { maxBatch: number }) {
    if (!Number.isInteger(options.maxBatch) || options.maxBatch < 1) throw new RangeError(`maxBatch is ${options.maxBatch}; at least 1`);
    this.#rows = options.maxBatch;
  }

  decide(): number {
    return this.#rows;
  }

  observe(): void {}
}
