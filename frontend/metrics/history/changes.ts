import type { CellMeter, Series } from '../cells.ts';
import type { MetricName } from '../table.ts';

export interface ChangesOptions {
  readonly metrics: readonly MetricName[];
  /** Whom a series is about. */
  readonly subjectOf: (labels: Series['labels']) => string;
}

interface Seen {
  readonly subject: string;
  readonly values: Float64Array;
}

/** Of all subjects that have series: those of which a number, or a series, is not what it was at the look before. */
export class Changes {
  readonly #options: ChangesOptions;
  /** By the labels, which live as long as the series. */
  readonly #seen = new WeakMap<Series['labels'], Seen>();
  #series: ReadonlyMap<string, number> = new Map();

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  look(meter: CellMeter): { readonly subjects: Iterable<string>; readonly changed: ReadonlySet<string> } {
    const counts = new Map<string, number>();
    const changed = new Set<string>();
    for (const metric of this.#options.metrics) {
      for (const series of meter.series(metric)) {
        const seen = this.#seen.get(series.labels) ?? this.#first(series);
        counts.set(seen.subject, (counts.get(seen.subject) ?? 0) + 1);
        if (takeOver(seen.values, series.values)) changed.add(seen.subject);
      }
    }
    // A series that came is a change, also at 0; so is one that went.
    for (const [subject, count] of counts) if (this.#series.get(subject) !== count) changed.add(subject);
    this.#series = counts;
    return { subjects: counts.keys(), changed };
  }

  #first({ labels, values }: Series): Seen {
    const seen = { subject: this.#options.subjectOf(labels), values: new Float64Array(values.length) };
    this.#seen.set(labels, seen);
    return seen;
  }
}

/** Whether anything was different. */
function takeOver(before: Float64Array, now: Series['values']): boolean {
  let isDifferent = false;
  for (let i = 0; i < now.length; i++) {
    const value = now[i] ?? 0;
    if (before[i] === value) continue;
    before[i] = value;
    isDifferent = true;
  }
  return isDifferent;
}
