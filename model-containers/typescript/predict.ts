import type { TensorSpec } from '../../protos/wire.ts';
import type { Tensor, TensorData } from './tensor.ts';

/** What an author's function gets: rows to be predicted together. Valid until what `predict` returned has settled. */
export interface Batch {
  readonly rows: number;
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Names of the outputs that are wanted; others may be left out. undefined: all. */
  readonly wanted: readonly string[] | undefined;
  /** Microseconds that were left until the earliest deadline when the batch was sent. */
  readonly budgetMicros: number;
  readonly signature: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  readonly traceparent: string | undefined;
  /** The row is no longer wanted; answering it all the same does no harm. */
  isCancelled(row: number): boolean;
  /** This row has failed, the others have not. What the outputs hold in its place is not sent. */
  fail(row: number, message: string, code?: string): void;
}

/** One output: a whole tensor, or its elements alone where the signature says dtype and shape. Strings are UTF-8 `bytes`. */
export type Output = Tensor | TensorData | readonly string[];
export type Outputs = Readonly<Record<string, Output>>;

/**
 * All that an author writes: a batch in, named outputs out, at once or later. What it throws is the error of the whole
 * batch. One batch at a time; the next begins when this one has settled.
 */
export type Predict = (batch: Batch) => Outputs | Promise<Outputs>;

export interface ServeOptions {
  /** The signature, one row's shape each. Without inputs: what the broker's configuration declares, if it does. */
  readonly inputs?: readonly TensorSpec[];
  readonly outputs?: readonly TensorSpec[];
  /** Most rows that a batch may have. */
  readonly maxBatch?: number;
  /** Batches that may be under way, over all brokers; default 1, or the number of brokers dialled. */
  readonly maxInFlight?: number;
  /** Batch sizes to predict on zeros before the broker is told that this replica exists. Needs inputs. */
  readonly warmUp?: readonly number[];
  /** Name and version of the program, for the operator. */
  readonly kit?: string;
  readonly about?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * An error with a word for machines: `bad_input` (the rows cannot be predicted), `model_error` (the model failed),
 * `invalid_output` (the outputs break the signature), or the author's own.
 */
export class PredictError extends Error {
  override readonly name = 'PredictError';
  readonly code: string;

  constructor(code: string, message: string, more: { cause?: unknown } = {}) {
    super(message, more);
    this.code = code;
  }
}
