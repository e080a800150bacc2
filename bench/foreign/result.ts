import { verdict } from '../report/section.ts';
import type { Cells } from '../report/table.ts';
import type { ForeignKind, ForeignModel } from './foreign-server.ts';

/** The setting for a server behind the broker, which gathers rows itself. */
export const BEHIND: ForeignModel = 'linear-at-once';

/** Medians of the rounds. */
export interface Contender {
  readonly rowsPerSecond: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  /** CPU of the server's processes, and of the broker's, for each row. */
  readonly serverMicrosPerRow: number;
  readonly brokerMicrosPerRow: number;
}

export interface ForeignPair {
  readonly model: ForeignModel;
  readonly direct: Contender;
  readonly behind: Contender;
  /** Of the broker's calls. */
  readonly meanBatchRows: number;
  /** Rows a second behind the broker by those without it, in the quicker of the two settings, round by round: the median. */
  readonly ratio: number;
}

export interface ForeignResult {
  readonly server: ForeignKind;
  readonly pairs: readonly ForeignPair[];
  readonly bar: number;
  /** By the pair of `BEHIND`. */
  readonly pass: boolean;
}

export function foreignTable(results: readonly ForeignResult[]): Cells {
  return [
    ['server', 'waits for more itself', 'rows/s alone', 'behind the broker', 'by the better alone', 'at least', '', 'mean batch', 'its CPU µs a row alone', 'behind', 'and the broker’s'],
    ...results.flatMap(({ server, pairs, bar, pass }) => pairs.map(({ model, direct, behind, ratio, meanBatchRows }) => [
      server, model === BEHIND ? 'no' : 'yes', direct.rowsPerSecond.toFixed(0), behind.rowsPerSecond.toFixed(0), ratio.toFixed(2), ...(model === BEHIND ? [String(bar), verdict(pass)] : ['', '']),
      meanBatchRows.toFixed(1), direct.serverMicrosPerRow.toFixed(1), behind.serverMicrosPerRow.toFixed(1), behind.brokerMicrosPerRow.toFixed(1),
    ])),
  ];
}
