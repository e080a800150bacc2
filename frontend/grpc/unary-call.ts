import type { Micros } from '../domain/clock.ts';
import type { CallHead } from './call-metadata.ts';
import type { CallFailure } from './grpc-status.ts';

/** Metadata behind an answer or a failure. Names are in lower case, values printable ASCII. */
export type Trailers = readonly (readonly [name: string, value: string])[];

/**
 * One call with one message each way. It ends once, by one of `answer`, `answerFramed` and `fail`; what comes after that, or
 * after the caller has gone, is dropped.
 */
export interface UnaryCall extends CallHead {
  /** When its headers came. */
  readonly arrivedAtMicros: Micros;
  /** The caller's message, until the call ends; the memory is the call's own. */
  readonly message: Buffer;
  /** `gone` is called where the caller goes away, or its deadline passes, before the call has ended. Once a call. */
  onGone(gone: () => void): void;
  answer(message: Uint8Array, trailers?: Trailers): void;
  /** The same, without a copy: `framed` is a message behind the prefix that `framePrefix` makes, and the call's from now on. */
  answerFramed(framed: Buffer): void;
  fail(failure: CallFailure, trailers?: Trailers): void;
}
