import { DeadlineWheel } from '../../frontend/dispatch/deadline-wheel.ts';
import { Gather, isMiss } from '../../frontend/dispatch/gather.ts';
import { ModelMeters } from '../../frontend/dispatch/model-meters.ts';
import { ModelQueue, type BatchRule } from '../../frontend/dispatch/model-queue.ts';
import type { AnswerRow } from '../../frontend/domain/answer.ts';
import type { Micros } from '../../frontend/domain/clock.ts';
import type { ErrorCode } from '../../frontend/domain/errors.ts';
import type { Meter } from '../../frontend/domain/meter.ts';
import type { ModelSpec } from '../../frontend/domain/model.ts';
import type { Query } from '../../frontend/domain/query.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** What a query came to: answered on time, or why not. */
export type Ending = 'on_time' | ErrorCode;

/** The one metric that a run wants; all others share a cell that nobody reads. */
const EXPLORING_LATE = 'tradewind_exploring_late_rows_total';
const READ: AnswerRow = { source: 'model', output: { kind: 'value', value: 0 } };
const SPEC: ModelSpec = {
  name: 'm', version: 1, container: { kind: 'builtin', name: 'synthetic' }, options: {}, replicas: 1, output: { kind: 'value' },
  batching: { controller: 'aimd', maxBatch: 1024, maxQueueRows: 1 }, sloMs: 1000,
};

/** One query as the stage is given it: one row. */
export interface StagedQuery {
  readonly sloMicros: Micros;
  readonly app: string;
  readonly batchKey: string;
}

/**
 * The production road from a parsed query to its end, less selection, receipts and sockets: model queue, batcher (or the
 * rule of another), gathers and the deadline wheel, on simulated time. It keeps the deadlines as `Predict` does, with no
 * margin for writing the answer out.
 */
export class Stage {
  readonly queue: ModelQueue;
  readonly #clock: SimulatedClock;
  readonly #onEnd: (query: Query, ending: Ending) => void;
  readonly #wheel = new DeadlineWheel<Gather>();
  #exploringLate = 0;
  #wakeAtMicros: Micros = Infinity;
  #stopWake: () => void = () => undefined;

  constructor(parts: { clock: SimulatedClock; rule: BatchRule; onEnd: (query: Query, ending: Ending) => void }) {
    this.#clock = parts.clock;
    this.#onEnd = parts.onEnd;
    this.queue = new ModelQueue({
      key: 'm@1', spec: SPEC, clock: parts.clock, batcher: parts.rule, meters: new ModelMeters(this.#meter, 'm', 1),
      onHung: (link, why) => { throw new Error(`${link.id} was called hung: ${why}`); },
    });
  }

  /** Rows so far that came late in a batch that was sent to learn from: what the metric of that name says in production. */
  get exploringLate(): number {
    return this.#exploringLate;
  }

  /** A query arrives now; `slot` comes back with its end. */
  submit(slot: number, { sloMicros, app, batchKey }: StagedQuery): void {
    const now = this.#clock.now();
    const deadlineAtMicros = now + sloMicros;
    const query: Query = { slot, app, arrivedAtMicros: now, sloMicros, deadlineAtMicros, rows: 1, many: false, columns: [], batchKey, explain: false };
    const gather = new Gather(query, deadlineAtMicros, this.#how);
    this.#wheel.add(gather, now);
    this.queue.submit(gather);
    if (!gather.done && deadlineAtMicros < this.#wakeAtMicros) this.#wakeBy(deadlineAtMicros);
  }

  readonly #meter: Meter = {
    cell: (metric) => (metric === EXPLORING_LATE ? 1 : 0),
    add: (cell, by) => { if (cell === 1) this.#exploringLate += by; },
    set: () => undefined, observe: () => undefined, forget: () => undefined,
  };

  readonly #how = {
    read: () => READ,
    onDone: (gather: Gather): void => {
      this.#wheel.remove(gather);
      const [row] = gather.rows;
      this.#onEnd(gather.query, row !== undefined && isMiss(row) ? row.reason : 'on_time');
    },
  };

  readonly #close = (gather: Gather): void => {
    const queued = this.queue.cancel(gather);
    gather.missed(0, 1, { reason: queued > 0 ? 'expired_in_queue' : 'deadline_exceeded' });
  };

  #wakeBy(at: Micros): void {
    this.#stopWake();
    this.#wakeAtMicros = at;
    this.#stopWake = this.#clock.wakeAt(at, this.#wake);
  }

  readonly #wake = (): void => {
    this.#wakeAtMicros = Infinity;
    this.#wheel.expire(this.#clock.now(), this.#close);
    const next = this.#wheel.next();
    if (next < this.#wakeAtMicros) this.#wakeBy(next);
  };
}
