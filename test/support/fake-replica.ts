import type { BatchSink, OutputPart, ReplicaBatch, ReplicaLink } from '../../frontend/domain/replica.ts';

/** One batch that a fake replica was sent. */
export interface SentBatch {
  readonly batch: ReplicaBatch;
  readonly sink: BatchSink;
  readonly cancelled: number[];
}

/** A replica that does what the test says: it answers each row with the sum of its floats, when told to. */
export class FakeReplica implements ReplicaLink {
  readonly id: string;
  readonly maxBatch: number;
  readonly signature = { inputs: [{ name: 'x', dtype: 'float32' as const, shape: [2] }], outputs: [{ name: 'y', dtype: 'float32' as const, shape: [] }] };
  readonly sent: SentBatch[] = [];
  credits = 1;
  drained = false;

  constructor(id: string, maxBatch = 1000) {
    this.id = id;
    this.maxBatch = maxBatch;
  }

  infer(batch: ReplicaBatch, sink: BatchSink): { cancel(rows: readonly number[]): void } {
    if (this.credits <= 0) throw new Error(`fake ${this.id}: a batch without a credit`);
    this.credits--;
    const sent: SentBatch = { batch, sink, cancelled: [] };
    this.sent.push(sent);
    return { cancel: (rows) => void sent.cancelled.push(...rows) };
  }

  /** Answers the oldest batch, all rows but those in `leaveOut`, and gives the credit back. */
  answer(leaveOut: readonly number[] = [], computeMicros = 100): void {
    const sent = this.#take();
    const sums = sumsOf(sent.batch);
    const part = partOf(sums);
    sums.forEach((_, row) => {
      if (!leaveOut.includes(row)) sent.sink.row(row, part, row);
    });
    this.credits++;
    sent.sink.end({ kind: 'done', computeMicros });
  }

  /** Refuses the oldest batch as a whole. */
  refuse(message: string): void {
    const sent = this.#take();
    this.credits++;
    sent.sink.end({ kind: 'done', computeMicros: 10, error: { code: 'model_error', message } });
  }

  /** Dies with all that it has. */
  die(message = 'killed'): void {
    this.credits = 0;
    for (const sent of this.sent.splice(0)) sent.sink.end({ kind: 'lost', message });
  }

  drain(): void {
    this.drained = true;
  }

  #take(): SentBatch {
    const sent = this.sent.shift();
    if (sent === undefined) throw new Error(`fake ${this.id}: nothing was sent`);
    return sent;
  }
}

function sumsOf(batch: ReplicaBatch): number[] {
  const sums: number[] = [];
  for (const slice of batch.slices) {
    const column = slice.query.columns[0];
    if (column === undefined) throw new Error('a query without columns');
    const data = new DataView(column.slab.bytes.buffer, column.slab.bytes.byteOffset);
    for (let row = slice.first; row < slice.first + slice.count; row++) {
      let sum = 0;
      for (let at = 0; at < column.rowBytes; at += 4) sum += data.getFloat32(column.offset + row * column.strideBytes + at, true);
      sums.push(sum);
    }
  }
  return sums;
}

/** An output part of one float32 a row. */
export function partOf(values: readonly number[]): OutputPart {
  const floats = Float32Array.from(values);
  return {
    payload: new Uint8Array(floats.buffer),
    columns: [{ part: { name: 'y', dtype: 'float32', shape: [], bytes: floats.byteLength }, offset: 0, rowBytes: 4 }],
  };
}
