import type { Dtype } from '../../../protos/dtype.ts';
import type { ReplicaBatch } from '../../domain/replica.ts';

/** What a server says of itself. */
export interface ServerFacts {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

export interface TensorMetadata {
  readonly name: string;
  /** The protocol's word: `FP32`. */
  readonly datatype: string;
  /** With the batch dimension, where the model has one; -1 stands for any extent. */
  readonly shape: readonly number[];
}
export interface ModelMetadata {
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

/** One output tensor of an answer, as it came: `bytes` bytes of the answer's payload from `offset` on. */
export interface AnsweredTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly bytes: number;
}
export interface Answered {
  readonly payload: Buffer;
  readonly tensors: readonly AnsweredTensor[];
}

/** A call that came to nothing. */
export interface CallFailure {
  /** `refused`: the server answered with an error, and serves on. `gone`: it cannot be used any more. */
  readonly kind: 'refused' | 'gone';
  /** A word for machines: the gRPC status in lower case, `http_400`, or ours. */
  readonly code: string;
  readonly message: string;
}

/** The same as an exception, for calls that give a promise. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly failure: CallFailure;

  constructor(failure: CallFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

export interface ServerOptions {
  /** The model's name there. */
  readonly model: string;
  readonly version: string | undefined;
  /** Certificates that are trusted instead of the system's. */
  readonly ca: Buffer | undefined;
  readonly maxInFlight: number;
  /** Each call carries one row, without a batch dimension. */
  readonly unbatched: boolean;
}

/** Who is told when a connection shows that the server goes, or has gone. Where there is none, the calls show it. */
export interface ServerWatcher {
  /** It goes: what it has is still answered. */
  leaving(): void;
  gone(why: string): void;
}

/**
 * A model on one server, over gRPC or HTTP. The calls that give promises reject with `CallError`; none of them ends by
 * itself, so that the caller must set a limit. `infer` tells `done` exactly once, never before it returns, unless the
 * server was closed meanwhile: then not at all.
 */
export interface Server {
  facts(): Promise<ServerFacts>;
  /** Whether the server and the model are ready. */
  ready(): Promise<boolean>;
  metadata(): Promise<ModelMetadata>;
  /** Whether its calls have a form for such elements; known once `facts` came. */
  carries(dtype: Dtype): boolean;
  /** Most rows that one call may carry, where the server says so. */
  maxBatch(): Promise<number | undefined>;
  /** A string says why the batch cannot be a call at all; nothing was sent then. */
  infer(batch: ReplicaBatch, done: (result: Answered | CallFailure) => void): string | undefined;
  close(): void;
}

export function isFailure(result: Answered | CallFailure): result is CallFailure {
  return 'kind' in result;
}
