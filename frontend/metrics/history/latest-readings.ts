import type { CellMeter } from '../cells.ts';
import { Changes, type ChangesOptions } from './changes.ts';
import type { Reading } from './reading.ts';

export interface LatestReadingsOptions extends ChangesOptions {
  /** Reads these subjects. */
  readonly read: (meter: CellMeter, only: ReadonlySet<string>) => ReadonlyMap<string, Reading>;
}

/**
 * The readings of all subjects of a kind, as they were at the last look. A subject that stands still keeps the reading that
 * it has, the same object: a hundred models of which nobody asks anything cost next to nothing each second.
 */
export class LatestReadings {
  readonly #options: LatestReadingsOptions;
  readonly #changes: Changes;
  #readings: ReadonlyMap<string, Reading> = new Map();

  constructor(options: LatestReadingsOptions) {
    this.#options = options;
    this.#changes = new Changes(options);
  }

  /** The same map while nothing has changed. */
  get readings(): ReadonlyMap<string, Reading> {
    return this.#readings;
  }

  look(meter: CellMeter): void {
    const { series, changed } = this.#changes.look(meter);
    // Who came has changed; so none has gone where there are as many.
    if (changed.size === 0 && series.size === this.#readings.size) return;
    const fresh = changed.size === 0 ? this.#readings : this.#options.read(meter, changed);
    const next = new Map<string, Reading>();
    for (const subject of series.keys()) {
      const reading = changed.has(subject) ? fresh.get(subject) : this.#readings.get(subject);
      if (reading !== undefined) next.set(subject, reading);
    }
    this.#readings = next;
  }
}
