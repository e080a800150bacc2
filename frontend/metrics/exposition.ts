import { setImmediate as nextTurn } from 'node:timers/promises';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { CellMeter, Series } from './cells.ts';
import { isMetric, METRICS, type MetricName, unitsPerBase } from './table.ts';

const NAMES = Object.keys(METRICS).filter(isMetric);
/** So long a scrape holds the event loop before it lets batches by. */
const SLICE_MS = 0.5;
/** prom-client looks at the lag of the event loop so often; its own 10 ms would wake an idle broker a hundred times a second. */
const LAG_EVERY_MS = 250;

/**
 * What a scrape sees: the table's metrics out of the cells, and prom-client's own of the process (`process_*`,
 * `nodejs_*`: CPU, memory, event-loop lag, garbage collection) where `processMetrics` asks for them; those cannot be
 * stopped, so tests do not.
 *
 * A hundred models are some 15,000 lines: they are written in slices, between which the broker goes on, and in our own
 * hand, which has each series' labels written once. Who asks while a scrape is being written gets that one.
 */
export class Exposition {
  readonly #meter: CellMeter;
  readonly #process = new Registry();
  readonly #gauges = new Set<() => void>();
  readonly #labels = new WeakMap<Series['labels'], string>();
  readonly #buckets = new Map<MetricName, readonly string[]>();
  #rendering: Promise<Buffer> | undefined;

  constructor(meter: CellMeter, options: { processMetrics?: boolean } = {}) {
    this.#meter = meter;
    for (const name of NAMES) {
      const { bounds } = METRICS[name];
      if (bounds !== undefined) this.#buckets.set(name, [...bounds.map((bound) => String(bound / unitsPerBase(name))), '+Inf']);
    }
    if (options.processMetrics === true) collectDefaultMetrics({ register: this.#process, eventLoopMonitoringPrecision: LAG_EVERY_MS });
  }

  get contentType(): string {
    return this.#process.contentType;
  }

  /** A gauge that is read when somebody scrapes. Returns what takes it out again. */
  gauge(name: MetricName, labels: Readonly<Record<string, string>>, read: () => number): () => void {
    if (METRICS[name].kind !== 'gauge') throw new RangeError(`${name} is a ${METRICS[name].kind}, not a gauge`);
    // Looked up at each scrape: the series may have been forgotten and come again since.
    const refresh = (): void => this.#meter.set(this.#meter.cell(name, labels), read());
    this.#gauges.add(refresh);
    return () => this.#gauges.delete(refresh);
  }

  /** The text format of Prometheus, 0.0.4, in UTF-8: to encode it whole would hold everybody up at the end. */
  render(): Promise<Buffer> {
    this.#rendering ??= this.#render().finally(() => { this.#rendering = undefined; });
    return this.#rendering;
  }

  async #render(): Promise<Buffer> {
    for (const refresh of this.#gauges) refresh();
    const slices: Buffer[] = [];
    let text = '';
    let until = performance.now() + SLICE_MS;
    for (const name of NAMES) {
      text += `# HELP ${name} ${METRICS[name].help}\n# TYPE ${name} ${METRICS[name].kind}\n`;
      for (const series of this.#meter.series(name)) {
        text += this.#lines(name, series);
        if (performance.now() < until) continue;
        slices.push(Buffer.from(text));
        text = '';
        await nextTurn();
        until = performance.now() + SLICE_MS;
      }
    }
    slices.push(Buffer.from(text));
    await nextTurn();
    slices.push(Buffer.from(await this.#process.metrics()));
    await nextTurn();
    return Buffer.concat(slices);
  }

  #lines(name: MetricName, series: Series): string {
    if (name === 'tradewind_metric_drops_total') return `${name} ${this.#meter.drops}\n`;
    const units = unitsPerBase(name);
    const labels = this.#labelText(series.labels);
    const buckets = this.#buckets.get(name);
    if (buckets === undefined) return `${name}${labels === '' ? '' : `{${labels}}`} ${(series.values[0] ?? 0) / units}\n`;
    return histogramLines(name, labels, series.values, { buckets, units });
  }

  /** `model="m",version="1"`; written once in the life of a series. */
  #labelText(labels: Series['labels']): string {
    let text = this.#labels.get(labels);
    if (text === undefined) {
      text = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`).join(',');
      this.#labels.set(labels, text);
    }
    return text;
  }
}

/** `values`: the sum, then the count of each bucket; Prometheus wants the counts cumulated. */
function histogramLines(name: string, labels: string, values: Series['values'], { buckets, units }: { buckets: readonly string[]; units: number }): string {
  let count = 0;
  let text = '';
  for (const [i, bound] of buckets.entries()) {
    count += values[i + 1] ?? 0;
    text += `${name}_bucket{${labels},le="${bound}"} ${count}\n`;
  }
  return `${text}${name}_sum{${labels}} ${(values[0] ?? 0) / units}\n${name}_count{${labels}} ${count}\n`;
}

function escaped(value: string): string {
  return /["\\\n]/u.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"') : value;
}
