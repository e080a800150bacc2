import type { Micros } from '../../frontend/domain/clock.ts';
import type { BatchSink, OutputPart, ReplicaBatch, ReplicaLink } from '../../frontend/domain/replica.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** Most rows of a batch here. */
const MAX_ROWS = 65_536;
/** The number 0 for every row. */
const OUTPUT: OutputPart = {
  payload: new Uint8Array(4 * MAX_ROWS),
  columns: [{ part: { name: 'y', dtype: 'float32', shape: [], bytes: 4 * MAX_ROWS }, offset: 0, rowBytes: 4 }],
};

/** A batch that a simulated replica was sent. */
export interface PlayedBatch {
  readonly replica: string;
  readonly sentAtMicros: Micros;
  readonly rows: number;
  readonly micros: Micros;
}

/** A container that answers everything, after as long as its law says, one batch at a time. */
export class SimulatedReplica implements ReplicaLink {
  readonly id: string;
  readonly maxBatch = MAX_ROWS;
  readonly signature = { inputs: [], outputs: [] };
  credits = 1;
  readonly #clock: SimulatedClock;
  readonly #takes: (rows: number) => Micros;
  readonly #onBatch: (batch: PlayedBatch) => void;

  constructor(id: string, how: { clock: SimulatedClock; takes: (rows: number) => Micros; onBatch: (batch: PlayedBatch) => void }) {
    this.id = id;
    this.#clock = how.clock;
    this.#takes = how.takes;
    this.#onBatch = how.onBatch;
  }

  infer(batch: ReplicaBatch, sink: BatchSink): { cancel(rows: readonly number[]): void } {
    if (this.credits <= 0) throw new Error(`${this.id} was sent a batch without a credit`);
    this.credits--;
    const { rows } = batch;
    const micros = this.#takes(rows);
    const sentAtMicros = this.#clock.now();
    this.#clock.happenAt(sentAtMicros + micros, () => {
      for (let row = 0; row < rows; row++) sink.row(row, OUTPUT, row);
      this.credits++;
      this.#onBatch({ replica: this.id, sentAtMicros, rows, micros });
      sink.end({ kind: 'done', computeMicros: micros });
    });
    return { cancel: () => undefined };
  }

  drain(): void {}
}
