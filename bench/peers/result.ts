import { verdict } from '../report/section.ts';
import type { Cells } from '../report/table.ts';

/** One contender; medians over the rounds. */
export interface PeerRow {
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly cpuMicrosPerRequest: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly loneP50Micros: number;
  readonly processes: number;
}

/** The broker's figures by Triton's. */
export interface AgainstTriton {
  readonly requestsRatio: number;
  readonly cpuRatio: number;
  readonly loneP50Ratio: number;
  readonly pass: boolean;
}
export interface PeersResult {
  readonly rows: readonly PeerRow[];
  readonly againstTriton?: AgainstTriton;
}

/** What the broker owes Triton, in the same run. */
export const BARS = Object.freeze({ requestsRatio: 3, cpuRatio: 1 / 3, loneP50Ratio: 1 / 2 });

/** undefined where one of the two is missing. */
export function againstTriton(rows: readonly PeerRow[]): AgainstTriton | undefined {
  const ours = rows.find(({ name }) => name === 'tradewind');
  const triton = rows.find(({ name }) => name === 'triton');
  if (ours === undefined || triton === undefined) return undefined;
  const requestsRatio = ours.requestsPerSecond / triton.requestsPerSecond;
  const cpuRatio = ours.cpuMicrosPerRequest / triton.cpuMicrosPerRequest;
  const loneP50Ratio = ours.loneP50Micros / triton.loneP50Micros;
  return { requestsRatio, cpuRatio, loneP50Ratio, pass: requestsRatio >= BARS.requestsRatio && cpuRatio <= BARS.cpuRatio && loneP50Ratio <= BARS.loneP50Ratio };
}

export function peersTable(rows: readonly PeerRow[]): Cells {
  return [
    ['server', 'requests/s', 'CPU µs/request', 'p50 ms', 'p99 ms', 'p50 ms alone', 'processes'],
    ...rows.map((row) => [row.name, row.requestsPerSecond.toFixed(0), row.cpuMicrosPerRequest.toFixed(0), (row.p50Micros / 1000).toFixed(2), (row.p99Micros / 1000).toFixed(2), (row.loneP50Micros / 1000).toFixed(2), String(row.processes)]),
  ];
}

export function ratiosTable({ requestsRatio, cpuRatio, loneP50Ratio }: AgainstTriton): Cells {
  return [
    ['the broker by Triton', 'measured', 'bar', ''],
    ['requests/s', requestsRatio.toFixed(2), `≥ ${BARS.requestsRatio}`, verdict(requestsRatio >= BARS.requestsRatio)],
    ['CPU of all processes a request', cpuRatio.toFixed(2), `≤ ${BARS.cpuRatio.toFixed(2)}`, verdict(cpuRatio <= BARS.cpuRatio)],
    ['p50 alone', loneP50Ratio.toFixed(2), `≤ ${BARS.loneP50Ratio}`, verdict(loneP50Ratio <= BARS.loneP50Ratio)],
  ];
}
