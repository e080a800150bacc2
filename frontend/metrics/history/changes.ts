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

/** A stretch of the meter's memory, as it is and as it was, and the series that lie in it, or reach into it. */
interface Page {
  readonly now: Buffer;
  readonly before: Buffer;
  readonly series: Series[];
}

/** Of 512 numbers: those of a few models. */
const PAGE_BYTES = 4096;

export interface Look {
  /** How many series each subject has. */
  readonly series: ReadonlyMap<string, number>;
  /** Subjects of which a number, or a series, is not what it was at the look before. */
  readonly changed: ReadonlySet<string>;
}

/**
 * Of all subjects that have series: those of which something has changed. While no series comes or goes, the memory is compared
 * page by page, and only in a page that is another one each number: hundreds of models that nobody asks cost some microseconds.
 */
export class Changes {
  readonly #options: ChangesOptions;
  /** By the labels, which live as long as the series. */
  readonly #seen = new WeakMap<Series['labels'], Seen>();
  #series: ReadonlyMap<string, number> = new Map();
  #shape = -1;
  /** Of the series of this shape; laid out at the second look at it. */
  #pages: readonly Page[] | undefined;

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  look(meter: CellMeter): Look {
    const isSameShape = meter.shape === this.#shape;
    if (isSameShape && this.#pages !== undefined) return { series: this.#series, changed: this.#comparePages(this.#pages) };
    const look = this.#compareAll(meter);
    this.#shape = meter.shape;
    this.#pages = isSameShape ? this.#layOut(meter) : undefined;
    return look;
  }

  #comparePages(pages: readonly Page[]): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const { now, before, series } of pages) {
      if (now.equals(before)) continue;
      before.set(now);
      for (const one of series) this.#compare(one, changed);
    }
    return changed;
  }

  #compareAll(meter: CellMeter): Look {
    const counts = new Map<string, number>();
    const changed = new Set<string>();
    for (const series of this.#all(meter)) {
      const { subject } = this.#compare(series, changed);
      counts.set(subject, (counts.get(subject) ?? 0) + 1);
    }
    // A series that came is a change, also at 0; so is one that went.
    for (const [subject, count] of counts) if (this.#series.get(subject) !== count) changed.add(subject);
    this.#series = counts;
    return { series: counts, changed };
  }

  *#all(meter: CellMeter): Generator<Series> {
    for (const metric of this.#options.metrics) yield* meter.series(metric);
  }

  #compare(series: Series, changed: Set<string>): Seen {
    const seen = this.#seen.get(series.labels) ?? this.#first(series);
    if (takeOver(seen.values, series.values)) changed.add(seen.subject);
    return seen;
  }

  #first({ labels, values }: Series): Seen {
    const seen = { subject: this.#options.subjectOf(labels), values: new Float64Array(values.length) };
    this.#seen.set(labels, seen);
    return seen;
  }

  #layOut(meter: CellMeter): readonly Page[] {
    const pages = new Map<number, Page>();
    for (const series of this.#all(meter)) {
      const { buffer, byteOffset, byteLength } = series.values;
      for (let at = Math.floor(byteOffset / PAGE_BYTES); at * PAGE_BYTES < byteOffset + byteLength; at++) {
        let page = pages.get(at);
        if (page === undefined) {
          const now = Buffer.from(buffer, at * PAGE_BYTES, Math.min(PAGE_BYTES, buffer.byteLength - at * PAGE_BYTES));
          page = { now, before: Buffer.from(now), series: [] };
          pages.set(at, page);
        }
        page.series.push(series);
      }
    }
    return [...pages.values()];
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
