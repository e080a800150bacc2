import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import type { Micros } from '../domain/clock.ts';
import { headerOf, metadataOf, patienceOf, type CallHead } from './call-metadata.ts';
import type { CallFailure } from './grpc-status.ts';

export type Trailers = readonly (readonly [name: string, value: string])[];

/**
 * One call with one message each way. It ends once, by `answer` or `fail`; what comes after that, or after the caller has
 * gone, is dropped.
 */
export class UnaryCall implements CallHead {
  readonly arrivedAtMicros: Micros;
  readonly #call: ServerUnaryCall<Buffer, Buffer>;
  readonly #send: sendUnaryData<Buffer>;
  readonly #onEnd: (call: UnaryCall) => void;
  #over = false;

  /** `onEnd` is told once that the call is over, however it ended. */
  constructor(call: ServerUnaryCall<Buffer, Buffer>, send: sendUnaryData<Buffer>, more: { arrivedAtMicros: Micros; onEnd: (call: UnaryCall) => void }) {
    this.#call = call;
    this.#send = send;
    this.arrivedAtMicros = more.arrivedAtMicros;
    this.#onEnd = more.onEnd;
  }

  /** The caller's message; the memory is the call's own. */
  get message(): Buffer {
    return this.#call.request;
  }

  get patienceMicros(): number {
    return patienceOf(this.#call.getDeadline());
  }

  header(name: string): string | undefined {
    return headerOf(this.#call.metadata, name);
  }

  /** `gone` is called where the caller goes away, or its deadline passes, before the call has ended. Once a call. */
  onGone(gone: () => void): void {
    this.#call.on('cancelled', () => {
      if (this.#finish()) gone();
    });
  }

  answer(message: Buffer, trailers?: Trailers): void {
    if (!this.#finish()) return;
    if (trailers === undefined) this.#send(null, message);
    else this.#send(null, message, metadataOf(trailers));
  }

  fail({ code, message }: CallFailure, trailers: Trailers = []): void {
    if (this.#finish()) this.#send({ code, details: message, metadata: metadataOf(trailers) });
  }

  #finish(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#onEnd(this);
    return true;
  }
}
