import { verdict } from '../report/section.ts';
import type { Cells } from '../report/table.ts';

/** The container of one model beside the same model in-process, in rows a second: medians of the rounds. */
export interface OnnxRow {
  readonly model: string;
  readonly rows: number;
  readonly inFlight: number;
  readonly rowsPerSecond: number;
  readonly inProcessRowsPerSecond: number;
  /** The median of the rounds' own. */
  readonly ratio: number;
  /** The least that it may be; absent where it is only told. */
  readonly bar?: number;
}

export function passes({ ratio, bar = 0 }: Pick<OnnxRow, 'ratio' | 'bar'>): boolean {
  return ratio >= bar;
}

export function onnxTable(rows: readonly OnnxRow[]): Cells {
  return [
    ['model', 'rows a batch', 'in flight', 'rows/s', 'in-process', 'ratio', 'at least', ''],
    ...rows.map((row) => [
      row.model, String(row.rows), String(row.inFlight), row.rowsPerSecond.toFixed(0), row.inProcessRowsPerSecond.toFixed(0), row.ratio.toFixed(3),
      row.bar === undefined ? '' : row.bar.toFixed(2), row.bar === undefined ? '' : verdict(passes(row)),
    ]),
  ];
}
