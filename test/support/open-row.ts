import type { Dtype } from '../../protos/dtype.ts';
import { ByteWindow } from '../../frontend/http/predict-body/byte-window.ts';
import { ColumnBuilder } from '../../frontend/http/predict-body/column-builder.ts';
import type { ColumnPlan, ParseTargetOptions } from '../../frontend/http/predict-body/parse-target.ts';
import { type RowFault, RowNesting } from '../../frontend/http/predict-body/row-nesting.ts';
import { CUT_OFF, type Read, type Row } from '../../frontend/http/predict-body/row-read.ts';
import { slabs, targetFor } from './parse-body.ts';

export interface OpenRow {
  readonly row: Row;
  readonly column: ColumnBuilder;
  readonly window: ByteWindow;
  /** What was written so far, in hexadecimal; the column's memory is then given back. */
  readonly written: () => string;
}

/** A row of one input that has just begun, in front of `text`. */
export function openRow({ dtype, shape, text = '', ragged = false, limits = {} }: { dtype: Dtype; shape: readonly number[]; text?: string; ragged?: boolean; limits?: Partial<ParseTargetOptions> }): OpenRow {
  const target = targetFor([{ name: 'x', dtype, shape, ragged }], limits);
  const column = new ColumnBuilder();
  column.begin(target, target.plans[0] as ColumnPlan, 8);
  column.beginRow();
  const nesting = new RowNesting();
  nesting.start(column, target.exactForms);
  const window = new ByteWindow();
  window.append(Buffer.from(text), 0);
  const written = (): string => {
    const hex = column.used === 0 ? '' : Buffer.from(column.views.uint8.subarray(column.writeAt - column.used, column.writeAt)).toString('hex');
    column.release();
    if (slabs.usedSlabs > 0) throw new Error('the column kept memory');
    return hex;
  };
  return { row: { nesting, target }, column, window, written };
}

/** A read in a word: `taken`, `cut off`, or the code of its fault. */
export function outcome(read: Read | RowFault): string {
  return read === undefined ? 'taken' : read === CUT_OFF ? CUT_OFF : read.code;
}
