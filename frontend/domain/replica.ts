import type { TensorPart } from '../../protos/wire.ts';
import type { Signature } from './model.ts';
import type { Query } from './query.ts';

/** Of one life of one replica: `digits-mlp@3/2.1`, the first life of the second replica. */
export type ReplicaId = string;

/** `count` rows of `query` from row `first` on. */
export interface RowSlice {
  readonly query: Query;
  readonly first: number;
  readonly count: number;
}

/** Rows sent to a replica together: the slices in order, all of one `batchKey`; `rows` is their sum. */
export interface ReplicaBatch {
  readonly slices: readonly RowSlice[];
  readonly rows: number;
  readonly budgetMicros: number;
  /** What the replica is told of whose work it is: a W3C traceparent. */
  readonly traceparent?: string;
}

/**
 * Output tensors of some rows, as they came off the wire. Row number `at` of the part lies at
 * `columns[c].offset + at * rowBytes` of `payload`, or where `spans` says. Valid only during the call that hands it over.
 */
export interface OutputPart {
  readonly payload: Uint8Array;
  readonly columns: readonly OutputColumn[];
}
export interface OutputColumn {
  readonly part: TensorPart;
  readonly offset: number;
  readonly rowBytes: number;
  readonly spans?: { readonly offsets: readonly number[]; readonly lengths: readonly number[] };
}

export interface RowError {
  readonly code: string;
  readonly message: string;
}

/** How the sending of a batch ended. */
export type BatchEnd =
  /**
   * The container said done; a row that it left out has failed with `error`, or for want of an answer. `computeMicros` is
   * the model's own time, where the container says it.
   */
  | { readonly kind: 'done'; readonly computeMicros?: number; readonly error?: RowError }
  /** The replica died, or its connection ended, before it said done. */
  | { readonly kind: 'lost'; readonly message: string };

/** Who is told of a batch. `row` and `rowFailed` at most once a row, `end` exactly once and last. */
export interface BatchSink {
  /** Row `row` of the batch is answered by row number `at` of `part`. */
  row(row: number, part: OutputPart, at: number): void;
  rowFailed(row: number, error: RowError): void;
  end(end: BatchEnd): void;
}

/** What a replica looks like to those who decide on batches. */
export interface ReplicaView {
  readonly id: ReplicaId;
  readonly maxBatch: number;
}

/**
 * A ready replica, whatever wire it speaks. Rows are copied out of their slabs before `infer` returns, or the link holds
 * those slabs itself until they have left.
 * The caller holds to the credits: no `infer` while `credits` is 0.
 */
export interface ReplicaLink {
  readonly id: ReplicaId;
  readonly signature: Signature;
  /** Most rows a batch, Infinity where the container has no limit of its own. */
  readonly maxBatch: number;
  /** Batches that may be sent now. */
  readonly credits: number;
  infer(batch: ReplicaBatch, sink: BatchSink): { cancel(rows: readonly number[]): void };
  /** Asks it to answer what it has and to end. */
  drain(): void;
}

/** What a link tells the one who runs it. */
export interface ReplicaEvents {
  /** A credit came: there may be work to pull. */
  credit(link: ReplicaLink): void;
  /** The connection is over; after this the link takes nothing more. */
  closed(link: ReplicaLink, why: string): void;
}
