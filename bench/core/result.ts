import type { Cells } from '../report/table.ts';
import type { CacheRun } from './cache-hits.ts';
import type { CoreRun } from './core-path.ts';
import { STAGES } from './stage-times.ts';

/** The bars: queries and hits a second of one core; on time where there is room for all; and what the heap may have grown by over all rounds. */
export const BARS = { queriesPerSecond: 1_000_000, hitsPerSecond: 1_500_000, onTimeShare: 0.99, heapBytes: 1_000_000 };
/** Up to this load all queries can be on time, and the bars hold: what is refused costs less than what is answered. */
const BARRED_LOAD = 0.95;

export interface CoreRow {
  readonly rule: string;
  readonly load: number;
  /** The round in the middle. */
  readonly run: CoreRun;
  readonly heapGrowthBytes: number;
  readonly pass?: boolean;
}

export interface CacheRow {
  readonly run: CacheRun;
  readonly heapGrowthBytes: number;
  readonly pass: boolean;
}

export interface CoreResult {
  readonly rows: readonly CoreRow[];
  readonly cache: CacheRow;
}

export function coreRow(row: Omit<CoreRow, 'pass'>): CoreRow {
  if (row.load > BARRED_LOAD) return row;
  const { queriesPerSecond, onTimeShare } = row.run;
  return { ...row, pass: queriesPerSecond >= BARS.queriesPerSecond && onTimeShare >= BARS.onTimeShare && row.heapGrowthBytes <= BARS.heapBytes };
}

export function cacheRow(row: Omit<CacheRow, 'pass'>): CacheRow {
  return { ...row, pass: row.run.hitsPerSecond >= BARS.hitsPerSecond && row.heapGrowthBytes <= BARS.heapBytes };
}

export function coreTable({ rows, cache }: CoreResult): Cells {
  const verdict = (pass: boolean | undefined): string => (pass === undefined ? '' : pass ? 'pass' : 'MISSED');
  return [
    ['core path, µs of CPU a query', 'a second', 'all', ...STAGES, 'mean batch', 'on time', 'heap kB', ''],
    ...rows.map(({ rule, load, run, heapGrowthBytes, pass }) => [
      `${rule}, load ${load}`, run.queriesPerSecond.toFixed(0), run.cpuMicrosPerQuery.toFixed(3), ...STAGES.map((stage) => run.stageMicrosPerQuery[stage].toFixed(3)),
      run.meanBatchRows.toFixed(1), run.onTimeShare.toFixed(3), (heapGrowthBytes / 1000).toFixed(0), verdict(pass),
    ]),
    [
      'cache hit, 64 floats', cache.run.hitsPerSecond.toFixed(0), cache.run.cpuMicrosPerHit.toFixed(3), ...STAGES.map(() => ''), '', '',
      (cache.heapGrowthBytes / 1000).toFixed(0), verdict(cache.pass),
    ],
  ];
}
