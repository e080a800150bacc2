import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import type { CellMeter } from './cells.ts';
import { isMetric, METRICS, type MetricName, unitsPerBase } from './table.ts';

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * What a scrape sees: the table's metrics out of the cells, and prom-client's own of the process (`process_*`,
 * `nodejs_*`: CPU, memory, event-loop lag, garbage collection) where `processMetrics` asks for them; those cannot be
 * stopped, so tests do not.
 */
export class Exposition {
  readonly #meter: CellMeter;
  readonly #registry = new Registry();
  readonly #gauges = new Set<() => void>();

  constructor(meter: CellMeter, options: { processMetrics?: boolean } = {}) {
    this.#meter = meter;
    for (const name of Object.keys(METRICS)) {
      if (isMetric(name)) this.#registry.registerMetric(metricOf(name, () => this.#samples(name)));
    }
    if (options.processMetrics === true) collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** A gauge that is read when somebody scrapes. Returns what takes it out again. */
  gauge(name: MetricName, labels: Readonly<Record<string, string>>, read: () => number): () => void {
    if (METRICS[name].kind !== 'gauge') throw new RangeError(`${name} is a ${METRICS[name].kind}, not a gauge`);
    // Looked up at each scrape: the series may have been forgotten and come again since.
    const refresh = (): void => this.#meter.set(this.#meter.cell(name, labels), read());
    this.#gauges.add(refresh);
    return () => this.#gauges.delete(refresh);
  }

  render(): Promise<string> {
    for (const refresh of this.#gauges) refresh();
    return this.#registry.metrics();
  }

  #samples(name: MetricName): Sample[] {
    if (name === 'tradewind_metric_drops_total') return [{ metricName: name, labels: {}, value: this.#meter.drops }];
    const units = unitsPerBase(name);
    const { bounds } = METRICS[name];
    const samples: Sample[] = [];
    for (const { labels, values } of this.#meter.read(name)) {
      if (bounds === undefined) samples.push({ metricName: name, labels, value: (values[0] ?? 0) / units });
      else samples.push(...histogramSamples(name, labels, values, bounds.map((bound) => bound / units), units));
    }
    return samples;
  }
}

/** `values`: the sum, then the count of each bucket; Prometheus wants the counts cumulated. */
function histogramSamples(name: string, labels: Readonly<Record<string, string>>, values: Float64Array, bounds: readonly number[], units: number): Sample[] {
  let count = 0;
  const samples: Sample[] = [];
  for (let i = 0; i <= bounds.length; i++) {
    count += values[i + 1] ?? 0;
    samples.push({ metricName: `${name}_bucket`, labels: { ...labels, le: bounds[i] ?? '+Inf' }, value: count });
  }
  samples.push({ metricName: `${name}_sum`, labels, value: (values[0] ?? 0) / units });
  samples.push({ metricName: `${name}_count`, labels, value: count });
  return samples;
}

/**
 * The registry asks no more of a metric than its name and `get`; to fill prom-client's own counters at each scrape
 * would cost a second copy of every series, and its histograms cannot be filled at all.
 */
function metricOf(name: MetricName, samples: () => Sample[]): Metric {
  const { kind, help } = METRICS[name];
  const metric: unknown = { name, help, type: kind, get: async () => ({ name, help, type: kind, values: samples() }) };
  return metric as Metric;
}
