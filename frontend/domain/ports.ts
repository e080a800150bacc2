import type { TensorSpec } from '../../protos/wire.ts';
import type { Answer } from './answer.ts';
import type { Micros } from './clock.ts';
import type { ErrorCode } from './errors.ts';
import type { AppSpec } from './model.ts';
import type { Query } from './query.ts';

/**
 * What a door (HTTP, gRPC) needs of the road. A door parses, fills in `slot`, and calls `submit`; the answer comes to the
 * `AnswerSink` that the door was given to, exactly once, possibly before `submit` returns.
 * The slabs of the query belong to the road from `submit` on.
 */
export interface PredictPort {
  submit(query: Query): void;
  /** Answers it with what a miss of its app comes to. That is a decision too: it has a receipt, and is recorded as others are. */
  submitUnparsed(query: UnparsedQuery): void;
  /** The caller went away: what has not left is taken back. No answer comes after it; unknown slots are ignored. */
  cancel(slot: number): void;
}

/** A query for an app whose input signature nobody knows yet (`AppView.inputs` is undefined), so that its body could not be parsed. */
export interface UnparsedQuery {
  readonly slot: number;
  readonly app: string;
  readonly arrivedAtMicros: Micros;
  /** As far as can be told without the signature; else 1. */
  readonly rows: number;
  readonly reason: ErrorCode;
}

export interface AnswerSink {
  /** The sink owns the answer's slabs and releases them once it has written them. */
  answer(answer: Answer): void;
}

/** An app as a door sees it: what it needs to parse a request. One object per app and revision; doors may key caches on it. */
export interface AppView {
  readonly spec: AppSpec;
  /** Inputs that its arms expect; undefined until one of them has said so, or config has. */
  readonly inputs: readonly TensorSpec[] | undefined;
}

export interface AppDirectory {
  app(name: string): AppView | undefined;
}
