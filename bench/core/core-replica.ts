import type { Micros } from '../../frontend/domain/clock.ts';
import type { BatchSink, OutputPart, ReplicaBatch, ReplicaLink } from '../../frontend/domain/replica.ts';
import type { SimulatedClock } from '../simulator/simulated-clock.ts';

/**
 * A replica that costs next to nothing itself: it answers each batch after what the law says, all rows of it in one part,
 * one float32 a row.
 */
export class CoreReplica implements ReplicaLink {
  readonly id: string;
  readonly maxBatch: number;
  readonly signature = { inputs: [], outputs: [] };
  credits = 1;
  readonly #clock: SimulatedClock;
  readonly #law: (rows: number) => Micros;
  readonly #part: OutputPart;
  readonly #none = { cancel: () => undefined };

  constructor(id: string, how: { clock: SimulatedClock; law: (rows: number) => Micros; maxBatch: number }) {
    this.id = id;
    this.maxBatch = how.maxBatch;
    this.#clock = how.clock;
    this.#law = how.law;
    const bytes = 4 * how.maxBatch;
    this.#part = { payload: new Uint8Array(bytes), columns: [{ part: { name: 'y', dtype: 'float32', shape: [], bytes }, offset: 0, rowBytes: 4 }] };
  }

  infer({ rows }: ReplicaBatch, sink: BatchSink): { cancel(rows: readonly number[]): void } {
    this.credits--;
    const micros = this.#law(rows);
    this.#clock.happenAt(this.#clock.now() + micros, () => {
      for (let row = 0; row < rows; row++) sink.row(row, this.#part, row);
      this.credits++;
      sink.end({ kind: 'done', computeMicros: micros });
    });
    return this.#none;
  }

  drain(): void {}
}
