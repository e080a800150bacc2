import { median } from '../report/median.ts';
import type { Cells } from '../report/table.ts';
import type { Contender } from './contenders.ts';
import type { Load } from './loads.ts';
import { measure, type Sample } from './measure.ts';

export interface ClosedOptions {
  readonly contenders: readonly Contender[];
  readonly loads: readonly Load[];
  readonly rounds: number;
  /** A first round that is not counted lets everybody compile and fill its pools. */
  readonly warmUp: boolean;
  readonly seconds: number;
  readonly connections: number;
  readonly seed: number;
  readonly onProgress: (line: string) => void;
}

/** Medians over the rounds of one contender under one load at saturation. */
export interface ClosedRow {
  readonly load: string;
  readonly title: string;
  readonly contender: string;
  readonly cpuMicrosPerRequest: number;
  readonly requestsPerSecond: number;
  readonly serverBusy: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly meanBatchRows?: number;
  /** CPU per request over that of bare fastify in the same round: the median, the least and the greatest. */
  readonly ratio: { readonly median: number; readonly least: number; readonly greatest: number };
  /** Ours alone: what the ratio may be at most, and whether it is. */
  readonly bar?: number;
  readonly pass?: boolean;
}

/**
 * Closed loop at saturation: in every round each load goes to every contender in turn, and each round begins with another
 * contender.
 */
export async function closedRounds(options: ClosedOptions): Promise<{ readonly rows: readonly ClosedRow[]; readonly samples: readonly (readonly Sample[])[] }> {
  const { contenders, loads, rounds, warmUp, onProgress } = options;
  const samples: Sample[][] = [];
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    const warming = round === 0;
    const taken: Sample[] = [];
    for (const load of loads) {
      for (let turn = 0; turn < contenders.length; turn++) {
        const contender = contenders[(turn + round) % contenders.length] as Contender;
        const sample = await measure({ ...options, contender, load, kind: { kind: 'closed' }, seed: options.seed + round });
        taken.push(sample);
        onProgress(`${warming ? 'warm-up' : `round ${round} of ${rounds}`}  ${load.name.padEnd(7)} ${contender.name.padEnd(16)} ${sample.cpuMicrosPerRequest.toFixed(1).padStart(6)} µs CPU/request  ${sample.requestsPerSecond.toFixed(0).padStart(6)}/s`);
      }
    }
    if (!warming) samples.push(taken);
  }
  return { rows: loads.flatMap((load) => contenders.map((contender) => summary(load, contender, { contenders, samples }))), samples };
}

function summary(load: Load, contender: Contender, { contenders, samples }: { contenders: readonly Contender[]; samples: readonly (readonly Sample[])[] }): ClosedRow {
  const fastify = contenders.find(({ kind }) => kind === 'bare-fastify')?.name;
  const find = (name: string | undefined): readonly Sample[] =>
    samples.map((round) => round.find((each) => each.load === load.name && each.contender === name)).filter((each) => each !== undefined);
  const own = find(contender.name);
  const reference = find(fastify);
  const ratios = own.map((sample, i) => sample.cpuMicrosPerRequest / (reference[i]?.cpuMicrosPerRequest ?? NaN));
  const batches = own.map((sample) => sample.meanBatchRows).filter((rows) => rows !== undefined);
  const of = (pick: (sample: Sample) => number): number => median(own.map(pick));
  return {
    load: load.name,
    title: load.title,
    contender: contender.name,
    cpuMicrosPerRequest: of((sample) => sample.cpuMicrosPerRequest),
    requestsPerSecond: of((sample) => sample.requestsPerSecond),
    serverBusy: of((sample) => sample.serverBusy),
    p50Micros: of((sample) => sample.latencyMicros.p50),
    p99Micros: of((sample) => sample.latencyMicros.p99),
    ...(batches.length === 0 ? {} : { meanBatchRows: median(batches) }),
    ratio: { median: median(ratios), least: Math.min(...ratios), greatest: Math.max(...ratios) },
    ...(contender.kind === 'ours' ? { bar: load.bar, pass: median(ratios) <= load.bar } : {}),
  };
}

export function closedTable(rows: readonly ClosedRow[]): Cells {
  return [
    ['load', 'server', 'CPU µs/request', 'requests/s', 'p50 ms', 'p99 ms', 'mean batch', 'CPU against fastify', 'at most', ''],
    ...rows.map((row) => [
      row.title, row.contender, row.cpuMicrosPerRequest.toFixed(1), row.requestsPerSecond.toFixed(0),
      (row.p50Micros / 1000).toFixed(2), (row.p99Micros / 1000).toFixed(2), row.meanBatchRows?.toFixed(1) ?? '',
      `${row.ratio.median.toFixed(2)} (${row.ratio.least.toFixed(2)}–${row.ratio.greatest.toFixed(2)})`,
      row.bar?.toFixed(2) ?? '', row.pass === undefined ? '' : row.pass ? 'pass' : 'MISSED',
    ]),
  ];
}
