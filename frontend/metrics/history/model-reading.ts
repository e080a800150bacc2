import { modelKey } from '../../domain/model.ts';
import type { CellMeter, Series } from '../cells.ts';
import type { MetricName } from '../table.ts';
import { draftOf, raise, seriesAbout, timesOf } from './app-reading.ts';
import type { Reading } from './reading.ts';

/** Gauges of the table, and what they are called in a reading. */
const GAUGES = Object.freeze({
  tradewind_queue_rows: 'queue', tradewind_planned_batch_rows: 'planned', tradewind_law_row_seconds: 'lawRowMicros', tradewind_law_batch_seconds: 'lawBatchMicros',
});

/** What `readModels` reads. */
export const MODEL_METRICS: readonly MetricName[] = Object.freeze([
  'tradewind_batch_rows', 'tradewind_shed_rows_total', 'tradewind_replica_deaths_total', ...(Object.keys(GAUGES) as (keyof typeof GAUGES)[]),
  'tradewind_replicas', 'tradewind_batch_service_seconds', 'tradewind_queue_wait_seconds',
]);

/**
 * What is counted of each model version, by its key: `rows` and `batches` sent, `shed:REASON` rows let go, `deaths` of
 * replicas; the gauges above, and `replicas:STATE`; the times of batches as `service` and of waiting rows as `wait`.
 * `only` these versions, where that is said.
 */
export function readModels(meter: CellMeter, only?: ReadonlySet<string>): Map<string, Reading> {
  const models: Parameters<typeof draftOf>[0] = new Map();
  const draft = ({ labels }: Series): ReturnType<typeof draftOf> => draftOf(models, versionOf(labels));
  const seriesOf = (metric: MetricName): Iterable<Series> => seriesAbout(meter.series(metric), versionOf, only);
  for (const series of seriesOf('tradewind_batch_rows')) {
    const { counters } = draft(series);
    const [rows = 0, ...batches] = series.values;
    counters.set('rows', rows);
    counters.set('batches', batches.reduce((sum, count) => sum + count, 0));
  }
  for (const series of seriesOf('tradewind_shed_rows_total')) raise(draft(series).counters, `shed:${series.labels['reason'] ?? ''}`, series.values[0] ?? 0);
  for (const series of seriesOf('tradewind_replica_deaths_total')) raise(draft(series).counters, 'deaths', series.values[0] ?? 0);
  for (const metric of Object.keys(GAUGES) as (keyof typeof GAUGES)[]) {
    for (const series of seriesOf(metric)) draft(series).gauges.set(GAUGES[metric], series.values[0] ?? 0);
  }
  for (const series of seriesOf('tradewind_replicas')) draft(series).gauges.set(`replicas:${series.labels['state'] ?? ''}`, series.values[0] ?? 0);
  for (const series of seriesOf('tradewind_batch_service_seconds')) draft(series).histograms.set('service', timesOf('tradewind_batch_service_seconds', series));
  for (const series of seriesOf('tradewind_queue_wait_seconds')) draft(series).histograms.set('wait', timesOf('tradewind_queue_wait_seconds', series));
  return models;
}

/** The model version that a series is about, by its key. */
export function versionOf(labels: Series['labels']): string {
  return modelKey(labels['model'] ?? '', Number(labels['version']));
}
