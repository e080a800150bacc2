import type { Dtype } from '../../protos/dtype.ts';
import type { Micros } from './clock.ts';
import type { TraceContext } from './trace.ts';

/**
 * Pooled memory that tensors lie in. Plain data: `index` names it to the pool that counts its users,
 * `bytes` is the memory itself (little-endian elements).
 */
export interface Slab {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/**
 * One named input of a query, all its rows. Row `i` lies at `offset + i * strideBytes` and is `rowBytes` long,
 * unless `spans` says where each row is (dtype `bytes` and ragged rows). Each column is one holder of its slab: whoever
 * ends the query releases once for each column.
 */
export interface InputColumn {
  readonly name: string;
  readonly dtype: Dtype;
  /** Shape of one row; where rows are ragged, -1 in the extents that differ. */
  readonly shape: readonly number[];
  readonly slab: Slab;
  readonly offset: number;
  readonly strideBytes: number;
  readonly rowBytes: number;
  readonly spans?: {
    readonly offsets: readonly number[];
    readonly lengths: readonly number[];
    readonly shapes?: readonly (readonly number[])[];
  };
}

/** What a caller asked of one model of the app instead of leaving the choice to the policy; such queries teach nothing. */
export interface Pin {
  readonly model?: string;
  /** A version number or a label. */
  readonly version?: number | string;
}

/**
 * One prediction request, parsed and checked against the app's input signature: one or many rows, one decision.
 * Plain data: it survives `structuredClone`, holds no socket, request or closure, and so may cross threads.
 */
export interface Query {
  /** The door's own number for it; comes back in the `Answer`. */
  readonly slot: number;
  readonly app: string;
  readonly arrivedAtMicros: Micros;
  readonly sloMicros: number;
  /** arrivedAt + SLO. */
  readonly deadlineAtMicros: Micros;
  readonly rows: number;
  /** The caller sent `inputs` (many): the answer then has `outputs`. */
  readonly many: boolean;
  readonly columns: readonly InputColumn[];
  /** Tells inputs of one row apart from those of another signature: rows of a batch have one `batchKey`. */
  readonly batchKey: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly pin?: Pin;
  /** The caller's own priority, by its place in `PRIORITIES`; absent: the app's. */
  readonly priority?: number;
  /** Whose work it is, where the caller or a tracer of ours said. */
  readonly trace?: TraceContext;
  readonly explain: boolean;
}
