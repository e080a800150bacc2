import { readFileSync } from 'node:fs';
import { metricSum, readMetrics } from '../broker/metrics.ts';
import { median } from '../report/median.ts';
import type { Contender } from './contender.ts';

/** Whether a server had as much to do as it could: what a closed loop is for. */
export interface Saturation {
  /** The share of the time in which the server's main thread ran or waited for a core; undefined where the kernel does not tell. */
  readonly busyShare?: number;
  /** Mean rows of the batches that went to the model; undefined for a server without. */
  readonly batchRows?: number;
}

const STEP_MS = 100;

/** What came of a load, and whether it kept this server busy. The broker's `/metrics` are read before and after, not during. */
export async function saturationOf<T>({ pid, metricsUrl }: Pick<Contender, 'pid' | 'metricsUrl'>, load: () => Promise<T>): Promise<T & Saturation> {
  const before = metricsUrl === undefined ? undefined : await readMetrics(metricsUrl);
  const points: [ms: number, demandMs: number][] = [];
  const timer = setInterval(() => points.push([performance.now(), mainThreadMs(pid)]), STEP_MS);
  const loaded = await load().finally(() => clearInterval(timer));
  const busyShare = shareOf(points);
  const batchRows = metricsUrl === undefined || before === undefined ? undefined : meanBetween(before, await readMetrics(metricsUrl));
  return { ...loaded, ...(busyShare === undefined ? {} : { busyShare }), ...(batchRows === undefined ? {} : { batchRows }) };
}

/** The median of the steps, so that those before the load and after it do not count. */
export function shareOf(points: readonly (readonly [ms: number, demandMs: number])[]): number | undefined {
  const shares = points.slice(1).map(([ms, demandMs], at) => {
    const [fromMs, fromDemandMs] = points[at] ?? [0, 0];
    return (demandMs - fromDemandMs) / (ms - fromMs);
  });
  if (shares.length === 0 || (points.at(-1)?.[1] ?? 0) === 0) return undefined;
  return Math.min(1, median(shares));
}

/** Mean rows of a batch between two texts of `/metrics`; undefined where none went. */
export function meanBetween(from: string, to: string): number | undefined {
  const since = (metric: string): number => metricSum(to, metric) - metricSum(from, metric);
  const batches = since('tradewind_batch_rows_count');
  return batches === 0 ? undefined : since('tradewind_batch_rows_sum') / batches;
}

/** How long the main thread of a process has run and waited for a core; 0 where the kernel keeps no such accounts, or it has ended. */
function mainThreadMs(pid: number): number {
  try {
    const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1').split(' ').map(Number);
    return (ran + waited) / 1e6;
  } catch {
    return 0;
  }
}
