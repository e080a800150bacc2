import { setTimeout as pause } from 'node:timers/promises';
import { metricSum, readMetrics } from '../broker/metrics.ts';
import { COMES_FIRST, comeFirst } from '../load/come-first.ts';
import { random } from '../load/random.ts';
import { processTree } from '../operations/held.ts';
import { median } from '../report/median.ts';
import { LAW_NAME, startLawBroker } from './live-broker.ts';
import { keepApart } from './keep-apart.ts';
import type { Workload } from './workloads.ts';

/** Sizes are tried as long as a batch takes no longer than the SLO. */
const SIZES = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];
/** Of each of the two that ask in turns, for one sample: the metrics are read before and after, while nothing runs that they would hold up. */
const ASKED = 2;
/** Between the two: requests that the broker reads at once are one batch. */
const APART_MS = 1;
/** For each sample that is wanted: one counts only where each request was a batch of its own. */
const MOST_TRIES = 4;
const SERVICE = 'tradewind_batch_service_seconds';

/** What batches took, none longer than a larger one; and the straight line through it, level + slope · rows, to call it by. */
export interface MeasuredLaw {
  readonly microsPerBatch: number;
  readonly microsPerRow: number;
  readonly sizes: readonly MeasuredSize[];
}

export interface MeasuredSize {
  readonly rows: number;
  readonly medianMicros: number;
  /** Each is the mean of four batches that followed one another, for the metrics are read before and after; results of before do not say. */
  readonly samplesMicros?: readonly number[];
}

/**
 * How long batches of the workload's model take, as the broker sees it from sending to the end: requests of so many rows,
 * one after another, each of them a batch. Rejects where one was not answered by the model.
 */
export async function measureLaw(workload: Workload, samples: number): Promise<MeasuredLaw> {
  const broker = await startLawBroker(workload);
  try {
    keepApart(broker.pid, workload.generatorBeside);
    // As in the rounds: a law of what the machine does besides is not what the oracle is to know.
    comeFirst(processTree(broker.pid), COMES_FIRST.measured);
    const sizes: MeasuredSize[] = [];
    for (const rows of SIZES) {
      const samplesMicros = await services(broker.url, bodyOf(workload, rows), samples);
      // On a machine that pauses now and then, a mean is of the machine as much as of the model.
      const medianMicros = median(samplesMicros);
      sizes.push({ rows, medianMicros, samplesMicros });
      if (medianMicros > workload.sloMs * 1000) break;
    }
    return lawOf(sizes);
  } finally {
    await broker.stop();
  }
}

/** A size that took longer than a larger one was disturbed; its single times stay what they were. */
export function lawOf(measured: MeasuredLaw['sizes']): MeasuredLaw {
  const sizes = measured.map((size, at) => ({ ...size, medianMicros: Math.min(...measured.slice(at).map(({ medianMicros }) => medianMicros)) }));
  return { ...lineThrough(sizes), sizes };
}

/** Between two sizes in proportion, past the last by the line's slope: a line through all is too fast for some sizes, and an oracle finds them. */
export function lawMicros({ sizes, microsPerRow }: Pick<MeasuredLaw, 'sizes' | 'microsPerRow'>, rows: number): number {
  const at = sizes.findIndex((size) => size.rows >= rows);
  const [below, above] = at === -1 ? [sizes.at(-1), undefined] : [sizes[at - 1], sizes[at]];
  if (below === undefined) return above?.medianMicros ?? 0;
  const slope = above === undefined ? microsPerRow : (above.medianMicros - below.medianMicros) / (above.rows - below.rows);
  return below.medianMicros + slope * (rows - below.rows);
}

/** The largest size with 2·lat(b) ≤ SLO, at least 1; and rows a second at it: what loads are multiples of. */
export function capacityOf(law: Pick<MeasuredLaw, 'sizes' | 'microsPerRow'>, sloMs: number): { readonly rows: number; readonly perSecond: number } {
  let rows = 1;
  while (2 * lawMicros(law, rows + 1) <= sloMs * 1000) rows++;
  return { rows, perSecond: (rows / lawMicros(law, rows)) * 1e6 };
}

/** Least squares, each size's error as a share of its time; neither part below zero. */
export function lineThrough(sizes: MeasuredLaw['sizes']): Pick<MeasuredLaw, 'microsPerBatch' | 'microsPerRow'> {
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

/** With one request under way and one waiting, so that batches follow one another as they do under load. */
async function services(url: string, body: string, samples: number): Promise<readonly number[]> {
  // The first is not counted: memory that is touched for the first time.
  await ask(url, body);
  const taken: number[] = [];
  for (let tries = 0; taken.length < samples; tries++) {
    if (tries === MOST_TRIES * samples) throw new Error(`in ${tries - taken.length} of ${tries} samples requests shared a batch: the law cannot be measured so`);
    const before = await served(url);
    const first = askAgain(url, body);
    await pause(APART_MS);
    await Promise.all([first, askAgain(url, body)]);
    const after = await served(url);
    if (after.batches - before.batches === 2 * ASKED) taken.push((after.micros - before.micros) / (2 * ASKED));
  }
  return taken;
}

async function askAgain(url: string, body: string): Promise<void> {
  for (let i = 0; i < ASKED; i++) await ask(url, body);
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
