import type { ErrorCode } from '../domain/errors.ts';
import type { Cell, Meter } from '../domain/meter.ts';

/** Counts requests of any door that were refused before they were a query, by code. What a query comes to is counted with its app. */
export class RefusedCount {
  readonly #meter: Meter;
  readonly #cells = new Map<ErrorCode, Cell>();

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  add(code: ErrorCode): void {
    let cell = this.#cells.get(code);
    if (cell === undefined) {
      cell = this.#meter.cell('tradewind_refused_total', { code });
      this.#cells.set(code, cell);
    }
    this.#meter.add(cell, 1);
  }
}
