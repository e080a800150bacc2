import type { Directory } from '../dispatch/directory.ts';
import type { Micros } from '../domain/clock.ts';
import type { ModelKey } from '../domain/model.ts';
import type { ServedStatistics, Spent, StatisticsSource } from '../domain/statistics.ts';
import { modelKey } from '../domain/model.ts';
import type { AppTable } from './selection/app-table.ts';

export interface StatisticsParts {
  readonly directory: Directory;
  readonly apps: AppTable;
  readonly epochOffsetMicros: number;
  /** Rows that the cache of a version answered, and those that it did not. */
  readonly cacheRows: (key: ModelKey) => { readonly hits: number; readonly misses: number };
}

const NONE: Spent = Object.freeze({ count: 0, micros: 0 });

/** What was done under each name, from what its queues and the app itself have counted. */
export function statisticsSource({ directory, apps, epochOffsetMicros, cacheRows }: StatisticsParts): StatisticsSource {
  const epochMs = (at: Micros): number => (at === 0 ? 0 : Math.floor((at + epochOffsetMicros) / 1000));
  const ofVersion = (model: string, version: number): ServedStatistics[] => {
    const totals = directory.queue(modelKey(model, version))?.totals;
    if (totals === undefined) return [];
    const { hits, misses } = cacheRows(modelKey(model, version));
    const { rows, batches, success, fail, queue, transfer, compute } = totals;
    return [{
      version, lastAtEpochMs: epochMs(totals.lastAtMicros), rows, batches, success: { ...success }, fail: { ...fail }, queue: { ...queue },
      transfer: { ...transfer }, compute: { ...compute }, cacheHits: hits, cacheMisses: misses, byRows: totals.byRows(),
    }];
  };
  const ofApp = (name: string): ServedStatistics[] => {
    const totals = apps.get(name)?.meters.totals;
    if (totals === undefined) return [];
    const { success, fail, rows } = totals;
    return [{
      version: 1, lastAtEpochMs: epochMs(totals.lastAtMicros), rows, batches: 0, success: { ...success }, fail: { ...fail },
      // Queries wait in the queues of its arms, which tell for how long; clients see by this count what has been asked.
      queue: { count: success.count, micros: 0 }, transfer: NONE, compute: NONE, cacheHits: 0, cacheMisses: 0, byRows: [],
    }];
  };
  return { of: (kind, name) => (kind === 'app' ? ofApp(name) : directory.versionsOf(name).toReversed().flatMap((version) => ofVersion(name, version))) };
}
