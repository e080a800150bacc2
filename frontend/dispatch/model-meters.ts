import type { Outlook } from '../batching/outlook.ts';
import type { BatchReport } from '../batching/task.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Cell, Meter } from '../domain/meter.ts';
import { PRIORITIES } from '../domain/model.ts';
import type { RowTask } from './row-task.ts';

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
  readonly #exploringLate: Cell;
  readonly #planned: Cell;
  readonly #lawRow: Cell;
  readonly #lawBatch: Cell;
  readonly #shed = new Map<string, Cell>();
  readonly #repeats: Readonly<Record<'bisect' | 'retry', Cell>>;
  readonly #outcomes: Readonly<Record<BatchReport<RowTask>['outcome'], Cell>>;

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
    this.#exploringLate = meter.cell('tradewind_exploring_late_rows_total', labels);
    this.#planned = meter.cell('tradewind_planned_batch_rows', labels);
    this.#lawRow = meter.cell('tradewind_law_row_seconds', labels);
    this.#lawBatch = meter.cell('tradewind_law_batch_seconds', labels);
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

  /** `rows` rows were refused or given up. */
  shed(reason: ErrorCode, priority: number, rows: number): void {
    const name = PRIORITIES[priority] ?? 'normal';
    const key = `${reason} ${name}`;
    let cell = this.#shed.get(key);
    if (cell === undefined) {
      cell = this.#meter.cell('tradewind_shed_rows_total', { ...this.#labels, reason, priority: name });
      this.#shed.set(key, cell);
    }
    this.#meter.add(cell, rows);
  }

  repeated(cause: 'bisect' | 'retry'): void {
    this.#meter.add(this.#repeats[cause], 1);
  }

  batch(report: BatchReport<RowTask>): void {
    this.#meter.add(this.#outcomes[report.outcome], 1);
    this.#meter.observe(this.#rows, report.batch.rows);
    if (report.outcome !== 'done') return;
    if (report.batch.exploring === true) this.#countLate(report);
    this.#meter.observe(this.#service, report.endedAtMicros - report.batch.sentAtMicros);
    if (report.computeMicros !== undefined) this.#meter.observe(this.#compute, report.computeMicros);
  }

  outlook({ plannedRows, rowMicros, batchMicros }: Outlook): void {
    this.#meter.set(this.#planned, plannedRows);
    this.#meter.set(this.#lawRow, rowMicros);
    this.#meter.set(this.#lawBatch, batchMicros);
  }

  #countLate({ batch, endedAtMicros }: BatchReport<RowTask>): void {
    let late = 0;
    for (const { task, count } of batch.slices) if (task.deadlineAtMicros < endedAtMicros) late += count;
    if (late > 0) this.#meter.add(this.#exploringLate, late);
  }
}
