import type { Cell, Meter } from '../domain/meter.ts';

/** What looking a row up came to: it was kept; it is on its way; the model is asked. */
export type Looked = 'hit' | 'join' | 'miss';

/** What the cache is counted by, for one model version. */
export class CacheMeters {
  readonly #meter: Meter;
  readonly #looked: Readonly<Record<Looked, Cell>>;
  readonly #evictions: Cell;

  constructor(meter: Meter, model: string, version: number) {
    const cell = (outcome: Looked): Cell => meter.cell('tradewind_cache_rows_total', { model, version: String(version), outcome });
    this.#meter = meter;
    this.#looked = { hit: cell('hit'), join: cell('join'), miss: cell('miss') };
    this.#evictions = meter.cell('tradewind_cache_evictions_total');
  }

  looked(outcome: Looked): void {
    this.#meter.add(this.#looked[outcome], 1);
  }

  evicted(entries: number): void {
    if (entries > 0) this.#meter.add(this.#evictions, entries);
  }
}
