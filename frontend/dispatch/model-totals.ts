import type { BatchReport } from '../batching/task.ts';
import type { Micros } from '../domain/clock.ts';
import type { Spent } from '../domain/statistics.ts';
import type { RowTask } from './row-task.ts';

/** Distinct batch sizes that are told apart; further ones are left out of `byRows`. */
const MOST_SIZES = 1024;

interface Sum {
  count: number;
  micros: number;
}

/** What a model version has done since its queue was opened; requests that were split over batches count in each. */
export class ModelTotals {
  lastAtMicros: Micros = 0;
  rows = 0;
  batches = 0;
  readonly success: Sum = { count: 0, micros: 0 };
  readonly fail: Sum = { count: 0, micros: 0 };
  readonly queue: Sum = { count: 0, micros: 0 };
  readonly transfer: Sum = { count: 0, micros: 0 };
  readonly compute: Sum = { count: 0, micros: 0 };
  readonly #byRows = new Map<number, Sum>();

  batch({ batch, endedAtMicros, computeMicros = 0, outcome }: BatchReport<RowTask>): void {
    this.lastAtMicros = endedAtMicros;
    const whole = outcome === 'done' ? this.success : this.fail;
    for (const { task } of batch.slices) add(whole, endedAtMicros - task.query.arrivedAtMicros);
    if (outcome !== 'done') return;
    const service = endedAtMicros - batch.sentAtMicros;
    const compute = Math.min(service, computeMicros);
    this.batches++;
    this.rows += batch.rows;
    for (const { task } of batch.slices) {
      add(this.queue, batch.sentAtMicros - task.query.arrivedAtMicros);
      add(this.transfer, service - compute);
      add(this.compute, compute);
    }
    let sum = this.#byRows.get(batch.rows);
    if (sum === undefined && this.#byRows.size < MOST_SIZES) this.#byRows.set(batch.rows, (sum = { count: 0, micros: 0 }));
    if (sum !== undefined) add(sum, compute);
  }

  /** By rows of a batch, rising. */
  byRows(): readonly { readonly rows: number; readonly compute: Spent }[] {
    return [...this.#byRows].toSorted(([a], [b]) => a - b).map(([rows, compute]) => ({ rows, compute: { ...compute } }));
  }
}

function add(sum: Sum, micros: number): void {
  sum.count++;
  sum.micros += micros;
}
