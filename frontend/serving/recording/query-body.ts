import type { OutputTensor } from '../../domain/answer.ts';
import type { InputColumn, Query } from '../../domain/query.ts';

/** A tensor as JSON, number for number; `null` in the place of a number that is not finite. */
export type TensorText = (tensor: Omit<OutputTensor, 'name'>) => string;

/**
 * The body that asks the same: inputs by name, context, objective; without what `redact` names. Undefined where nothing is
 * left of the inputs, or where JSON has no word for a number in them.
 */
export function queryBody(query: Query, redact: ReadonlySet<string>, tensorText: TensorText): string | undefined {
  const columns = query.columns.filter(({ name }) => !redact.has(name));
  if (columns.length === 0) return undefined;
  const rows: string[] = [];
  for (let row = 0; row < query.rows; row++) {
    const inputs = columns.map((column) => ({ name: column.name, text: rowText(column, row, tensorText) }));
    if (inputs.some(({ text }, i) => columns[i]?.dtype !== 'bytes' && text.includes('null'))) return undefined;
    rows.push(`{${inputs.map(({ name, text }) => `${JSON.stringify(name)}:${text}`).join(',')}}`);
  }
  const context = Object.entries(query.context ?? {}).filter(([key]) => !redact.has(key));
  const words = [
    query.many ? `"inputs":[${rows.join(',')}]` : `"input":${rows[0] ?? ''}`,
    ...(context.length === 0 ? [] : [`"context":${JSON.stringify(Object.fromEntries(context))}`]),
    `"slo_ms":${query.sloMicros / 1000}`,
  ];
  return `{${words.join(',')}}`;
}

function rowText({ dtype, shape, slab, offset, strideBytes, rowBytes, spans }: InputColumn, row: number, tensorText: TensorText): string {
  return tensorText({
    dtype, slab, shape: spans?.shapes?.[row] ?? shape,
    offset: spans?.offsets[row] ?? offset + row * strideBytes, lengthBytes: spans?.lengths[row] ?? rowBytes,
  });
}
