import type { OutputColumn } from '../typescript/check-outputs.ts';
import type { Tamper } from '../typescript/batch-job.ts';
import { planRows, writeReply } from '../typescript/write-reply.ts';

type Reply = Parameters<Tamper>[0];

/** Bytes that are no frame, as many as a good reply has. */
export function garbageFor(bytes: Buffer): Buffer {
  return Buffer.alloc(bytes.length, 0x5a);
}

/** The reply with its last row sent twice, under a number that the batch does not have, or (`fewer`) not at all. */
export function wrongRowCount(reply: Reply, fewer: boolean): Buffer {
  const { rows, columns } = reply.plan.answered;
  const wrong = fewer ? rows - 1 : rows + 1;
  const answered = { rows: wrong, columns: wrong < 1 ? [] : columns.map((column) => resize(column, rows, wrong)), failures: [] };
  return writeReply(reply.batch, planRows(answered), reply.done, (bytes) => Buffer.alloc(bytes));
}

function resize(column: OutputColumn, rows: number, wrong: number): OutputColumn {
  const lastBytes = column.lengths?.at(-1) ?? column.bytes.length / rows;
  const last = column.bytes.subarray(column.bytes.length - lastBytes);
  const bytes = wrong < rows ? column.bytes.subarray(0, column.bytes.length - lastBytes) : Buffer.concat([column.bytes, last]);
  return {
    ...column,
    bytes,
    ...(column.lengths && { lengths: wrong < rows ? column.lengths.slice(0, -1) : [...column.lengths, lastBytes] }),
    ...(column.shapes && { shapes: wrong < rows ? column.shapes.slice(0, -1) : [...column.shapes, column.shapes.at(-1) ?? []] }),
  };
}
