import { verdict } from '../report/section.ts';
import type { Cells } from '../report/table.ts';

/** What one way to ask costs the server. */
export interface ProtocolRow {
  readonly contender: string;
  readonly title: string;
  readonly cpuMicrosPerRequest: number;
  readonly cpuMicrosPerRow: number;
  readonly requestsPerSecond: number;
  /** Of the server's main thread (Saturation). */
  readonly busyShare?: number;
  /** Mean rows of the batches that its requests made. */
  readonly batchRows?: number;
  /** Against another, in the same round: the median, the least and the greatest. */
  readonly ratio?: { readonly against: string; readonly median: number; readonly least: number; readonly greatest: number };
  /** Of the ratio, or where there is none of the microseconds a row. */
  readonly bar?: number;
  readonly pass?: boolean;
}

export function protocolsTable(rows: readonly ProtocolRow[]): Cells {
  return [
    ['protocol', 'CPU µs/request', 'µs/row', 'requests/s', 'busy', 'batch rows', 'against', 'ratio', 'at most', ''],
    ...rows.map(({ title, cpuMicrosPerRequest, cpuMicrosPerRow, requestsPerSecond, busyShare, batchRows, ratio, bar, pass }) => [
      title, cpuMicrosPerRequest.toFixed(1), cpuMicrosPerRow.toFixed(2), requestsPerSecond.toFixed(0), busyShare === undefined ? '' : `${(100 * busyShare).toFixed(0)} %`, batchRows?.toFixed(1) ?? '', ratio?.against ?? (bar === undefined ? '' : 'µs/row'),
      ratio === undefined ? '' : `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.greatest.toFixed(2)})`, bar?.toFixed(2) ?? '', pass === undefined ? '' : verdict(pass),
    ]),
  ];
}
