import type { Dtype } from '../../protos/dtype.ts';
import type { ErrorCode } from './errors.ts';
import type { Slab } from './query.ts';

/** One output of one row. Elements lie in `slab` at `offset`, `lengthBytes` long. */
export interface OutputTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly slab: Slab;
  readonly offset: number;
  readonly lengthBytes: number;
}

/** What one row came to, normalised to the app's output kind. */
export type OutputValue =
  | { readonly kind: 'label'; readonly label: string | number }
  /** `dtype` is the model's: a float32 is written as the shortest decimal that is one. */
  | { readonly kind: 'value'; readonly value: number; readonly dtype?: Dtype }
  | { readonly kind: 'tensors'; readonly tensors: readonly OutputTensor[] }
  /** The app's default, or a combination: any JSON. */
  | { readonly kind: 'json'; readonly json: unknown };

export type Source = 'model' | 'ensemble' | 'default';

export interface AnswerRow {
  readonly source: Source;
  readonly output: OutputValue;
  /** Why the default was given. */
  readonly reason?: ErrorCode;
  /** In [0, 1]. */
  readonly confidence?: number;
  /** The model answered these very inputs before, and was not asked again. */
  readonly cached?: true;
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** Where the fault lies in the input, as a JSON path such as `inputs[2].image`. */
  readonly path?: string;
  /** When a further try is worth it. */
  readonly retryAfterMs?: number;
}

/**
 * What one query comes to, exactly once. Plain data like `Query`; the slabs of its tensors belong to whoever holds the
 * answer, and the door gives them back once it has written them.
 */
export type Answer = {
  readonly slot: number;
  readonly latencyMicros: number;
  /** Signed receipt; absent only where no decision was taken (the query was refused before selection). */
  readonly decisionId?: string;
} & (
  | {
      readonly ok: true;
      readonly source: Source;
      readonly model?: string;
      readonly version?: number;
      readonly rows: readonly AnswerRow[];
      readonly reason?: ErrorCode;
      /** The reason in words, with figures where it has some (`slo_unreachable`: the measured p99). */
      readonly reasonText?: string;
      readonly missing?: readonly string[];
      readonly explanation?: Readonly<Record<string, unknown>>;
    }
  | { readonly ok: false; readonly failure: Failure }
);
