import { median } from '../report/median.ts';
import type { Cells } from '../report/table.ts';
import type { Contender } from './contenders.ts';
import { inProcessMicros } from './in-process.ts';
import type { Load } from './loads.ts';
import { measure } from './measure.ts';

/** Our p50 may be so much above calling the model in-process. */
const BAR_ABOVE_MICROS = 300;
const IN_PROCESS_CALLS = 2000;

export interface LoneOptions {
  readonly contenders: readonly Contender[];
  readonly loads: readonly Load[];
  readonly rounds: number;
  readonly seconds: number;
  readonly seed: number;
  readonly onProgress: (line: string) => void;
}

/** One request at a time on one connection: medians over the rounds. */
export interface LoneRow {
  readonly load: string;
  readonly title: string;
  readonly contender: string;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly inProcessP50Micros: number;
  readonly aboveMicros: number;
  readonly barMicros?: number;
  readonly pass?: boolean;
}

export async function loneRequests({ contenders, loads, rounds, seconds, seed, onProgress }: LoneOptions): Promise<readonly LoneRow[]> {
  const rows: LoneRow[] = [];
  for (const load of loads) {
    const inProcess: number[] = [];
    const taken = contenders.map((contender) => ({ contender, p50: [] as number[], p99: [] as number[] }));
    for (let round = 0; round < rounds; round++) {
      for (const { contender, p50, p99 } of taken) {
        inProcess.push(await inProcessMicros(load, contender.serves(load), IN_PROCESS_CALLS));
        const { latencyMicros } = await measure({ contender, load, connections: 1, seconds, kind: { kind: 'closed' }, seed: seed + round });
        p50.push(latencyMicros.p50);
        p99.push(latencyMicros.p99);
      }
      onProgress(`alone, round ${round + 1} of ${rounds}  ${load.name}`);
    }
    const model = median(inProcess);
    for (const { contender, p50, p99 } of taken) rows.push(row(load, contender, { p50: median(p50), p99: median(p99), model }));
  }
  return rows;
}

function row(load: Load, { name, kind }: Contender, { p50, p99, model }: { p50: number; p99: number; model: number }): LoneRow {
  const above = p50 - model;
  return {
    load: load.name, title: load.title, contender: name, p50Micros: p50, p99Micros: p99, inProcessP50Micros: model, aboveMicros: above,
    ...(kind === 'ours' ? { barMicros: BAR_ABOVE_MICROS, pass: above <= BAR_ABOVE_MICROS } : {}),
  };
}

export function loneTable(rows: readonly LoneRow[]): Cells {
  const ms = (micros: number | undefined): string => (micros === undefined ? '' : (micros / 1000).toFixed(3));
  return [
    ['alone on one connection', 'server', 'p50 ms', 'p99 ms', 'model in-process, p50 ms', 'above it, ms', 'at most', ''],
    ...rows.map((row) => [
      row.title, row.contender, ms(row.p50Micros), ms(row.p99Micros), ms(row.inProcessP50Micros), ms(row.aboveMicros), ms(row.barMicros),
      row.pass === undefined ? '' : row.pass ? 'pass' : 'MISSED',
    ]),
  ];
}
