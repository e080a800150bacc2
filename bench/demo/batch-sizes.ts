import { metricSum } from '../broker/metrics.ts';

/** Batches of one model so far, and the rows in them. */
export interface Batches {
  readonly rows: number;
  readonly batches: number;
}

/** Reads `tradewind_batch_rows` of one model, all its versions, from the text of `/metrics`. */
export function batchesOf(metrics: string, model: string): Batches {
  return { rows: metricSum(metrics, 'tradewind_batch_rows_sum', { model }), batches: metricSum(metrics, 'tradewind_batch_rows_count', { model }) };
}

/** Mean rows a batch between two readings; 0 where there was no batch. */
export function meanBatch(before: Batches, after: Batches): number {
  const batches = after.batches - before.batches;
  return batches > 0 ? (after.rows - before.rows) / batches : 0;
}
