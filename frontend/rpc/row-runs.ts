import type { InputColumn, Query, Slab } from '../domain/query.ts';
import type { RowSlice } from '../domain/replica.ts';

/** Adjacent bytes of one slab, `start` to before `end`, that hold rows of one input in their order. */
export interface RowRun {
  readonly slab: Slab;
  readonly start: number;
  end: number;
}

/**
 * Where one input of all rows lies, the `index`th of the first query's. Rows that came in one after another mostly lie one
 * behind another, also those of different queries: such are one run.
 */
export function collectRuns(slices: readonly RowSlice[], index: number, name: string): RowRun[] {
  const runs: RowRun[] = [];
  for (let s = 0; s < slices.length; s++) {
    const { query, first, count } = slices[s] as RowSlice;
    const column = columnOf(query, index, name);
    if (column.spans === undefined && column.strideBytes === column.rowBytes) {
      extend(runs, column.slab, column.offset + first * column.rowBytes, count * column.rowBytes);
      continue;
    }
    for (let row = first; row < first + count; row++) {
      extend(runs, column.slab, column.spans?.offsets[row] ?? column.offset + row * column.strideBytes, column.spans?.lengths[row] ?? column.rowBytes);
    }
  }
  return runs;
}

function extend(runs: RowRun[], slab: Slab, start: number, length: number): void {
  if (length === 0) return;
  const last = runs[runs.length - 1];
  if (last !== undefined && last.slab === slab && last.end === start) last.end += length;
  else runs.push({ slab, start, end: start + length });
}

/** Queries of one `batchKey` have the same inputs, though perhaps not in the same order. */
export function columnOf(query: Query, index: number, name: string): InputColumn {
  const hinted = query.columns[index];
  if (hinted?.name === name) return hinted;
  for (const column of query.columns) if (column.name === name) return column;
  throw new TypeError(`rows of one batch lack the input "${name}"`);
}
