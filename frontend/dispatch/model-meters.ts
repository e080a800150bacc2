import type { BatchReport } from '../batching/task.ts';
import type { Cell, Meter } from '../domain/meter.ts';
import type { Gather } from './gather.ts';

/** What a model version's queue counts, its cells looked up once. */
export class ModelMeters {
  readonly #meter: Meter;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #depth: Cell;
  readonly #wait: Cell;
  readonly #rows: Cell;
  readonly #service: Cell;
  readonly #compute: Cell;
  readonly #cancelled: Cell;
  readonly #repeats: Readonly<Record<'bisect' | 'retry', Cell>>;
  readonly #outcomes: Readonly<Record<BatchReport<Gather>['outcome'], Cell>>;

  constructor(meter: Meter, model: string, version: number) {
    const labels = { model, version: String(version) };
    this.#meter = meter;
    this.#labels = labels;
    this.#depth = meter.cell('tradewind_queue_rows', labels);
    this.#wait = meter.cell('tradewind_queue_wait_seconds', labels);
    this.#rows = meter.cell('tradewind_batch_rows', labels);
    this.#service = meter.cell('tradewind_batch_service_seconds', labels);
    this.#compute = meter.cell('tradewind_batch_compute_seconds', labels);
    this.#cancelled = meter.cell('tradewind_cancelled_rows_total', labels);
    const repeat = (cause: string): Cell => meter.cell('tradewind_batch_repeats_total', { ...labels, cause });
    this.#repeats = { bisect: repeat('bisect'), retry: repeat('retry') };
    const outcome = (name: string): Cell => meter.cell('tradewind_batches_total', { ...labels, outcome: name });
    this.#outcomes = { done: outcome('done'), error: outcome('error'), lost: outcome('lost'), hung: outcome('hung') };
  }

  depth(rows: number): void {
    this.#meter.set(this.#depth, rows);
  }

  waited(micros: number): void {
    this.#meter.observe(this.#wait, micros);
  }

  cancelled(rows: number): void {
    if (rows > 0) this.#meter.add(this.#cancelled, rows);
  }

  repeated(cause: 'bisect' | 'retry'): void {
    this.#meter.add(this.#repeats[cause], 1);
  }

  batch(report: BatchReport<Gather>): void {
    this.#meter.add(this.#outcomes[report.outcome], 1);
    this.#meter.observe(this.#rows, report.batch.rows);
    if (report.outcome !== 'done') return;
    this.#meter.observe(this.#service, report.endedAtMicros - report.batch.sentAtMicros);
    if (report.computeMicros !== undefined) this.#meter.observe(this.#compute, report.computeMicros);
  }

  forget(): void {
    this.#meter.forget(this.#labels);
  }
}
