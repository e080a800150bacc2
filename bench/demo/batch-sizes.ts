/** Batches of one model so far, and the rows in them. */
export interface Batches {
  readonly rows: number;
  readonly batches: number;
}

/** Reads `tradewind_batch_rows` of one model, all its versions, from the text of `/metrics`. */
export function batchesOf(metrics: string, model: string): Batches {
  const total = (name: string): number => {
    let sum = 0;
    for (const line of metrics.split('\n')) {
      if (line.startsWith(`${name}{`) && line.includes(`model="${model}"`)) sum += Number(line.slice(line.lastIndexOf(' ') + 1));
    }
    return sum;
  };
  return { rows: total('tradewind_batch_rows_sum'), batches: total('tradewind_batch_rows_count') };
}

/** Mean rows a batch between two readings; 0 where there was no batch. */
export function meanBatch(before: Batches, after: Batches): number {
  const batches = after.batches - before.batches;
  return batches > 0 ? (after.rows - before.rows) / batches : 0;
}
