import type { CellMeter, Series } from '../cells.ts';
import { METRICS, type MetricName } from '../table.ts';
import type { Reading } from './reading.ts';

/** Arms that are told apart in a history; the rest are one, `arm:…`. */
const MOST_ARMS = 16;
const OTHER_ARMS = 'arm:…';

/** What `readApps` reads. */
export const APP_METRICS: readonly MetricName[] = Object.freeze(['tradewind_requests_total', 'tradewind_slo_total', 'tradewind_decisions_total', 'tradewind_request_seconds']);

/** What a reader collects before it is a `Reading`. */
interface Draft extends Reading {
  readonly counters: Map<string, number>;
  readonly gauges: Map<string, number>;
  readonly histograms: Map<string, { readonly boundsMicros: readonly number[]; readonly counts: ArrayLike<number> }>;
}

/**
 * What is counted of each app: `answers`, `good` (a model's, on time), `late` (a model's, past its deadline),
 * `default:REASON`, `error:REASON`, `arm:NAME` (decisions), and the times of answers as `answer`. `only` these apps, where that is said.
 */
export function readApps(meter: CellMeter, only?: ReadonlySet<string>): Map<string, Reading> {
  const apps = new Map<string, Draft>();
  const draft = ({ labels }: Series): Draft => draftOf(apps, appOf(labels));
  const seriesOf = (metric: MetricName): Iterable<Series> => seriesAbout(meter.series(metric), appOf, only);
  for (const series of seriesOf('tradewind_requests_total')) {
    const { source = '', reason = '' } = series.labels;
    const { counters } = draft(series);
    const count = series.values[0] ?? 0;
    raise(counters, 'answers', count);
    if (source === 'default' || source === 'error') raise(counters, `${source}:${reason}`, count);
    else raise(counters, 'late', count);
  }
  for (const series of seriesOf('tradewind_slo_total')) {
    if (series.labels['outcome'] !== 'on_time') continue;
    const { counters } = draft(series);
    const good = series.values[0] ?? 0;
    counters.set('good', good);
    // Until here `late` holds all that models answered.
    raise(counters, 'late', -good);
  }
  for (const series of seriesOf('tradewind_decisions_total')) {
    const { counters } = draft(series);
    const name = `arm:${series.labels['arm'] ?? ''}`;
    const full = !counters.has(name) && [...counters.keys()].filter((key) => key.startsWith('arm:')).length >= MOST_ARMS;
    raise(counters, full ? OTHER_ARMS : name, series.values[0] ?? 0);
  }
  for (const series of seriesOf('tradewind_request_seconds')) draft(series).histograms.set('answer', timesOf('tradewind_request_seconds', series));
  return apps;
}

/** The app that a series is about. */
export function appOf(labels: Series['labels']): string {
  return labels['app'] ?? '';
}

/** Of the series those about one of `only`, or all where nobody chose. */
export function* seriesAbout(all: Iterable<Series>, subjectOf: (labels: Series['labels']) => string, only: ReadonlySet<string> | undefined): Generator<Series> {
  for (const series of all) if (only === undefined || only.has(subjectOf(series.labels))) yield series;
}

/** Of an app or a model version, by its name; opened where it is new. */
export function draftOf(drafts: Map<string, Draft>, name: string): Draft {
  const known = drafts.get(name);
  if (known !== undefined) return known;
  const fresh: Draft = { counters: new Map(), gauges: new Map(), histograms: new Map() };
  drafts.set(name, fresh);
  return fresh;
}

export function raise(counters: Map<string, number>, name: string, by: number): void {
  counters.set(name, (counters.get(name) ?? 0) + by);
}

/** A copy of a histogram's counts, without its sum. */
export function timesOf(metric: 'tradewind_request_seconds' | 'tradewind_batch_service_seconds' | 'tradewind_queue_wait_seconds', { values }: Series): { boundsMicros: readonly number[]; counts: Float64Array } {
  return { boundsMicros: METRICS[metric].bounds ?? [], counts: values.slice(1) };
}
