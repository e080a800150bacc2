import type { Cells } from '../report/table.ts';
import type { Language } from './containers.ts';
import { LARGE, type WireRun } from './measure.ts';

/**
 * What the issue of the containers asks for; a bar holds at the size that it names, that of CPU with two in flight: with one,
 * what a batch costs is mostly that both sides sleep and wake, as for a single row (DECISIONS 121). Not of the container in Go,
 * which takes no shared memory and sums what it gets.
 */
export const BARS = Object.freeze({ brokerCpuMicros: 60, batchedRowsPerSecond: 30_000, loneP50Micros: 150 });

export interface WireRow extends WireRun {
  readonly language: Language;
  readonly misses: readonly string[];
}
export interface WireResult {
  readonly rows: readonly WireRow[];
  /** What a large batch costs over a bare socket, in the same run. */
  readonly bareCpuMicros: number;
}

export function wireRow(language: Language, run: WireRun): WireRow {
  const misses: string[] = [];
  if (language !== 'go' && run.rows === LARGE && run.inFlight > 1 && run.brokerCpuMicros > BARS.brokerCpuMicros) misses.push(`broker CPU above ${BARS.brokerCpuMicros} µs`);
  if (run.rows === LARGE && run.rowsPerSecond < BARS.batchedRowsPerSecond) misses.push(`under ${BARS.batchedRowsPerSecond} rows/s`);
  if (run.rows === 1 && run.inFlight === 1 && run.p50Micros > BARS.loneP50Micros) misses.push(`p50 above ${BARS.loneP50Micros} µs`);
  return { language, ...run, misses };
}

export function wireTable({ rows, bareCpuMicros }: WireResult): Cells {
  return [
    ['container', 'rows a batch', 'in flight', 'rows/s', 'p50 µs', 'p99 µs', 'broker CPU µs a batch', 'by bare socket', 'container CPU µs a batch', 'bars'],
    ...rows.map((row) => [
      row.language, String(row.rows), String(row.inFlight), String(row.rowsPerSecond), String(row.p50Micros), String(row.p99Micros),
      row.brokerCpuMicros.toFixed(1), row.rows === LARGE ? (row.brokerCpuMicros / bareCpuMicros).toFixed(2) : '', row.containerCpuMicros.toFixed(1), row.misses.length === 0 ? 'held' : row.misses.join(', '),
    ]),
    ['bare socket', String(LARGE), '1', '', '', '', bareCpuMicros.toFixed(1), '1.00', '', ''],
  ];
}
