import { verdict } from '../report/section.ts';
import type { Cells } from '../report/table.ts';
import type { ForeignKind } from './foreign-server.ts';

/** Medians of the rounds. */
export interface Contender {
  readonly rowsPerSecond: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  /** CPU of the server's processes, and of the broker's, for each row. */
  readonly serverMicrosPerRow: number;
  readonly brokerMicrosPerRow: number;
}

export interface ForeignResult {
  readonly server: ForeignKind;
  readonly direct: Contender;
  readonly behind: Contender;
  readonly meanBatchRows: number;
  /** Rows a second behind the broker by those without it, round by round: the median. */
  readonly ratio: number;
  readonly bar: number;
  readonly pass: boolean;
}

export function foreignTable(results: readonly ForeignResult[]): Cells {
  return [
    ['server', 'rows/s alone', 'behind the broker', 'ratio', 'at least', '', 'mean batch', 'its CPU µs a row alone', 'behind', 'and the broker’s'],
    ...results.map(({ server, direct, behind, ratio, bar, pass, meanBatchRows }) => [
      server, direct.rowsPerSecond.toFixed(0), behind.rowsPerSecond.toFixed(0), ratio.toFixed(2), String(bar), verdict(pass), meanBatchRows.toFixed(1),
      direct.serverMicrosPerRow.toFixed(1), behind.serverMicrosPerRow.toFixed(1), behind.brokerMicrosPerRow.toFixed(1),
    ]),
  ];
}
