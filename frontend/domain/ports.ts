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
  /**
   * A query for an app whose input signature nobody knows yet (`AppView.inputs` is undefined), so that its body could not
   * be parsed: the road answers `slot` with what a miss of this app comes to, one row, for `reason`.
   */
  submitUnparsed(slot: number, app: string, arrivedAtMicros: Micros, reason: ErrorCode): void;
  /** The caller went away: what has not left is taken back. No answer comes after it; unknown slots are ignored. */
  cancel(slot: number): void;
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
