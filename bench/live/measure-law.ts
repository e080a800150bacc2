import { metricSum, readMetrics } from '../broker/metrics.ts';
import { random } from '../load/random.ts';
import { median } from '../report/median.ts';
import { LAW_NAME, startLawBroker } from './live-broker.ts';
import { keepApart } from './keep-apart.ts';
import type { Workload } from './workloads.ts';

/** Sizes are tried as long as a batch takes no longer than the SLO. */
const SIZES = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];
/** Two requests that the broker reads at once are one batch: of so many of them the median is still that of single ones. */
const MOST_MERGED = 0.4;
const SERVICE = 'tradewind_batch_service_seconds';

/** A straight line through what batches took: level + slope · rows. */
export interface MeasuredLaw {
  readonly microsPerBatch: number;
  readonly microsPerRow: number;
  readonly sizes: readonly { readonly rows: number; readonly medianMicros: number }[];
}

/**
 * How long batches of the workload's model take, as the broker sees it from sending to the end: requests of so many rows,
 * one after another, each of them a batch. Rejects where one was not answered by the model.
 */
export async function measureLaw(workload: Workload, batches: number): Promise<MeasuredLaw> {
  const broker = await startLawBroker(workload);
  try {
    keepApart(broker.pid, workload.generatorBeside);
    const sizes: { rows: number; medianMicros: number }[] = [];
    for (const rows of SIZES) {
      const medianMicros = await medianService(broker.url, bodyOf(workload, rows), batches);
      if (rows > 1 && medianMicros > workload.sloMs * 1000) break;
      sizes.push({ rows, medianMicros });
    }
    return { ...lineThrough(sizes), sizes };
  } finally {
    await broker.stop();
  }
}

export function lawMicros({ microsPerBatch, microsPerRow }: Pick<MeasuredLaw, 'microsPerBatch' | 'microsPerRow'>, rows: number): number {
  return microsPerBatch + microsPerRow * rows;
}

/** The largest size with 2·lat(b) ≤ SLO, at least 1; and rows a second at it: what loads are multiples of. */
export function capacityOf(law: Pick<MeasuredLaw, 'microsPerBatch' | 'microsPerRow'>, sloMs: number): { readonly rows: number; readonly perSecond: number } {
  let rows = 1;
  while (2 * lawMicros(law, rows + 1) <= sloMs * 1000) rows++;
  return { rows, perSecond: (rows / lawMicros(law, rows)) * 1e6 };
}

/** Least squares, each size's error as a share of its time; neither part below zero. */
export function lineThrough(sizes: readonly { readonly rows: number; readonly medianMicros: number }[]): Pick<MeasuredLaw, 'microsPerBatch' | 'microsPerRow'> {
  let w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
  for (const { rows, medianMicros } of sizes) {
    const weight = 1 / medianMicros ** 2;
    w += weight;
    wx += weight * rows;
    wy += weight * medianMicros;
    wxx += weight * rows * rows;
    wxy += weight * rows * medianMicros;
  }
  const spread = w * wxx - wx * wx;
  const slope = spread > 0 ? Math.max(0, (w * wxy - wx * wy) / spread) : 0;
  const level = (wy - slope * wx) / w;
  return level >= 0 ? { microsPerBatch: level, microsPerRow: slope } : { microsPerBatch: 0, microsPerRow: wxy / wxx };
}

/**
 * With one request under way and one waiting, so that batches follow one another as they do under load. The median: on a machine
 * that pauses now and then, a mean is of the machine as much as of the model.
 */
async function medianService(url: string, body: string, batches: number): Promise<number> {
  // The first is not counted: memory that is touched for the first time.
  await ask(url, body);
  const first = await served(url);
  const samples: number[] = [];
  const asking = async (whenAnswered: () => Promise<void>): Promise<void> => {
    for (let i = 0; i < batches; i++) {
      await ask(url, body);
      await whenAnswered();
    }
  };
  let before = first;
  const sample = async (): Promise<void> => {
    const after = await served(url);
    if (after.batches > before.batches) samples.push((after.micros - before.micros) / (after.batches - before.batches));
    before = after;
  };
  await Promise.all([asking(sample), asking(async () => undefined)]);
  const merged = 2 * batches - ((await served(url)).batches - first.batches);
  if (merged > Math.ceil(MOST_MERGED * 2 * batches)) throw new Error(`${merged} of ${2 * batches} requests shared a batch: the law cannot be measured so`);
  return median(samples);
}

async function served(url: string): Promise<{ batches: number; micros: number }> {
  const metrics = await readMetrics(url);
  return { batches: metricSum(metrics, `${SERVICE}_count`), micros: metricSum(metrics, `${SERVICE}_sum`) * 1e6 };
}

async function ask(url: string, body: string): Promise<void> {
  const response = await fetch(`${url}/v1/apps/${LAW_NAME}/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const text = await response.text();
  const { source } = JSON.parse(text) as { source?: string };
  if (response.status !== 200 || source !== 'model') throw new Error(`no model answered: ${response.status} ${text.slice(0, 300)}`);
}

function bodyOf({ requests }: Workload, rows: number): string {
  const draw = random(rows);
  const inputs = Array.from({ length: rows }, () => Array.from({ length: requests.features }, () => Number(draw().toFixed(4))));
  return JSON.stringify({ inputs });
}
