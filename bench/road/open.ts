import { ScheduleMissed } from '../load/generate.ts';
import { preferGenerators } from '../load/prefer-generators.ts';
import { median } from '../report/median.ts';
import type { Cells } from '../report/table.ts';
import type { Contender } from './contenders.ts';
import type { Load } from './loads.ts';
import { measure, type Sample } from './measure.ts';

/** Each round has so many segments of each contender, in turn: a moment in which the machine does something else spoils one. */
const SEGMENTS_A_ROUND = 3;
/** Our p99.9 may be so many times that of bare fastify, and so much more. */
const BAR = { factor: 2, moreMicros: 2000 };
/**
 * 1 % of the requests may leave so late. At tens of thousands of them a second generator, broker and container take turns on two
 * cores, a time slice of milliseconds each; all contenders' latencies count from the intended moment, so it stands in all of them.
 */
const MAX_LATENESS_MICROS = 4_000;

export interface OpenOptions {
  readonly contenders: readonly Contender[];
  readonly load: Load;
  readonly ratePerSecond: number;
  readonly rounds: number;
  /** Of a segment. */
  readonly seconds: number;
  readonly connections: number;
  readonly seed: number;
  readonly onProgress: (line: string) => void;
}

/** Poisson arrivals at one rate for all: medians over the segments, latency from the intended moment. */
export interface OpenRow {
  readonly load: string;
  readonly contender: string;
  readonly ratePerSecond: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly p999Micros: number;
  readonly serverBusy: number;
  /** p99 of how late the generator itself sent, the worst of the segments: it is in the latencies. */
  readonly latenessP99Micros: number;
  /** Requests that found no connection free, as a share, the worst of the segments: the server stood still. They count from their moment. */
  readonly waitedShare: number;
  readonly segments: number;
  /** Segments that do not count, for the generator was late in them. */
  readonly dropped: number;
  readonly barMicros?: number;
  readonly pass?: boolean;
}

interface Taken {
  readonly contender: Contender;
  readonly samples: Sample[];
  dropped: number;
}

/** Rejects with `ScheduleMissed` where the generator was late in more than half of the segments of a contender. */
export async function openRounds(options: OpenOptions): Promise<readonly OpenRow[]> {
  const giveBack = preferGenerators(options.onProgress);
  try {
    return await driveAll(options);
  } finally {
    giveBack();
  }
}

async function driveAll(options: OpenOptions): Promise<readonly OpenRow[]> {
  const { contenders, ratePerSecond, rounds } = options;
  const wanted = rounds * SEGMENTS_A_ROUND;
  const taken = contenders.map((contender): Taken => ({ contender, samples: [], dropped: 0 }));
  for (let segment = 0; taken.some(({ samples }) => samples.length < wanted); segment++) {
    for (const each of taken) {
      if (each.samples.length < wanted) await takeSegment(each, options, segment);
      if (each.dropped > wanted) throw new ScheduleMissed(`${each.contender.name}: the generator was late in ${each.dropped} of ${segment + 1} segments: ask for a lower rate, or on a machine that does nothing else`);
    }
  }
  const fastify = taken.find(({ contender }) => contender.kind === 'bare-fastify');
  const bar = fastify === undefined ? undefined : BAR.factor * median(fastify.samples.map((sample) => sample.latencyMicros.p999)) + BAR.moreMicros;
  return taken.map((each) => row(each, { load: options.load.name, ratePerSecond, bar }));
}

/** One segment of one contender; it is dropped where the generator could not keep its schedule, and only then. */
async function takeSegment(taken: Taken, options: OpenOptions, segment: number): Promise<void> {
  const { ratePerSecond, onProgress } = options;
  const { contender, samples } = taken;
  const name = `open loop, ${ratePerSecond}/s, segment ${segment + 1}  ${contender.name.padEnd(16)}`;
  try {
    const sample = await measure({ ...options, contender, kind: { kind: 'open', arrivals: 'poisson', ratePerSecond }, seed: options.seed + segment, maxLatenessMicros: MAX_LATENESS_MICROS });
    samples.push(sample);
    onProgress(`${name} p99.9 ${(sample.latencyMicros.p999 / 1000).toFixed(2)} ms`);
  } catch (error) {
    if (!(error instanceof ScheduleMissed)) throw error;
    taken.dropped++;
    onProgress(`${name} dropped: ${error.message}`);
  }
}

function row({ contender, samples, dropped }: Taken, { load, ratePerSecond, bar }: { load: string; ratePerSecond: number; bar: number | undefined }): OpenRow {
  const of = (pick: (sample: Sample) => number): number => median(samples.map(pick));
  const p999Micros = of((sample) => sample.latencyMicros.p999);
  return {
    load, contender: contender.name, ratePerSecond,
    p50Micros: of((sample) => sample.latencyMicros.p50),
    p99Micros: of((sample) => sample.latencyMicros.p99),
    p999Micros,
    serverBusy: of((sample) => sample.serverBusy),
    latenessP99Micros: Math.max(...samples.map((sample) => sample.latenessP99Micros)),
    waitedShare: Math.max(...samples.map((sample) => sample.waitedShare)),
    segments: samples.length, dropped,
    ...(contender.kind === 'ours' && bar !== undefined ? { barMicros: bar, pass: p999Micros <= bar } : {}),
  };
}

export function openTable(rows: readonly OpenRow[]): Cells {
  const ms = (micros: number | undefined): string => (micros === undefined ? '' : (micros / 1000).toFixed(2));
  return [
    ['open loop, Poisson, small JSON', 'requests/s', 'p50 ms', 'p99 ms', 'p99.9 ms', 'sent late, p99 ms', 'segments', 'at most', ''],
    ...rows.map((row) => [
      row.contender, String(row.ratePerSecond), ms(row.p50Micros), ms(row.p99Micros), ms(row.p999Micros), ms(row.latenessP99Micros), segmentsOf(row), ms(row.barMicros),
      row.pass === undefined ? '' : row.pass ? 'pass' : 'MISSED',
    ]),
  ];
}

/** Results of before had none. */
function segmentsOf({ segments, dropped }: Partial<OpenRow>): string {
  if (segments === undefined) return '';
  return dropped === undefined || dropped === 0 ? String(segments) : `${segments}, ${dropped} dropped`;
}
