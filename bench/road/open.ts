import { ScheduleMissed } from '../load/generate.ts';
import { preferGenerators } from '../load/prefer-generators.ts';
import { median } from '../report/median.ts';
import type { Cells } from '../report/table.ts';
import type { Contender } from './contenders.ts';
import type { Load } from './loads.ts';
import { measure, type Drive, type Sample } from './measure.ts';

/** A busy machine makes the generator late now and then; a rate that it cannot keep makes it late every time. */
const TRIES = 3;
/** Our p99.9 may be so many times that of bare fastify, and so much more. */
const BAR = { factor: 2, moreMicros: 2000 };

export interface OpenOptions {
  readonly contenders: readonly Contender[];
  readonly load: Load;
  readonly ratePerSecond: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly seed: number;
  readonly onProgress: (line: string) => void;
}

/** Poisson arrivals at one rate for all: medians over the rounds, latency from the intended moment. */
export interface OpenRow {
  readonly load: string;
  readonly contender: string;
  readonly ratePerSecond: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly p999Micros: number;
  readonly serverBusy: number;
  /** p99 of how late the generator itself sent, the worst of the rounds: it is in the latencies. */
  readonly latenessP99Micros: number;
  readonly barMicros?: number;
  readonly pass?: boolean;
}

export async function openRounds(options: OpenOptions): Promise<readonly OpenRow[]> {
  const giveBack = preferGenerators(options.onProgress);
  try {
    return await driveAll(options);
  } finally {
    giveBack();
  }
}

async function driveAll(options: OpenOptions): Promise<readonly OpenRow[]> {
  const { contenders, ratePerSecond, rounds, onProgress } = options;
  const taken = contenders.map((contender) => ({ contender, samples: [] as Sample[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { contender, samples } of taken) {
      const sample = await measureOnTime({ ...options, contender, kind: { kind: 'open', arrivals: 'poisson', ratePerSecond }, seed: options.seed + round }, onProgress);
      samples.push(sample);
      onProgress(`open loop, ${ratePerSecond}/s, round ${round + 1} of ${rounds}  ${contender.name.padEnd(16)} p99.9 ${(sample.latencyMicros.p999 / 1000).toFixed(2)} ms`);
    }
  }
  const fastify = taken.find(({ contender }) => contender.kind === 'bare-fastify');
  const bar = fastify === undefined ? undefined : BAR.factor * median(fastify.samples.map((sample) => sample.latencyMicros.p999)) + BAR.moreMicros;
  return taken.map(({ contender, samples }) => row(contender, samples, { load: options.load.name, ratePerSecond, bar }));
}

/** Takes the measure again where the generator was late; the last time its refusal stands. */
async function measureOnTime(drive: Drive, onProgress: (line: string) => void): Promise<Sample> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await measure(drive);
    } catch (error) {
      if (!(error instanceof ScheduleMissed) || left === 0) throw error;
      onProgress(`open loop, ${drive.contender.name}: again: ${error.message}`);
    }
  }
}

function row(contender: Contender, samples: readonly Sample[], { load, ratePerSecond, bar }: { load: string; ratePerSecond: number; bar: number | undefined }): OpenRow {
  const of = (pick: (sample: Sample) => number): number => median(samples.map(pick));
  const p999Micros = of((sample) => sample.latencyMicros.p999);
  return {
    load, contender: contender.name, ratePerSecond,
    p50Micros: of((sample) => sample.latencyMicros.p50),
    p99Micros: of((sample) => sample.latencyMicros.p99),
    p999Micros,
    serverBusy: of((sample) => sample.serverBusy),
    latenessP99Micros: Math.max(...samples.map((sample) => sample.latenessP99Micros)),
    ...(contender.kind === 'ours' && bar !== undefined ? { barMicros: bar, pass: p999Micros <= bar } : {}),
  };
}

export function openTable(rows: readonly OpenRow[]): Cells {
  const ms = (micros: number | undefined): string => (micros === undefined ? '' : (micros / 1000).toFixed(2));
  return [
    ['open loop, Poisson, small JSON', 'requests/s', 'p50 ms', 'p99 ms', 'p99.9 ms', 'at most', ''],
    ...rows.map((row) => [
      row.contender, String(row.ratePerSecond), ms(row.p50Micros), ms(row.p99Micros), ms(row.p999Micros), ms(row.barMicros),
      row.pass === undefined ? '' : row.pass ? 'pass' : 'MISSED',
    ]),
  ];
}
