import type { ServerDuplexStream } from '@grpc/grpc-js';
import { headerOf, patienceOf, type CallHead } from './call-metadata.ts';
import type { CallFailure } from './grpc-status.ts';

export interface StreamWatcher {
  /** A message has come. */
  message(message: Buffer): void;
  /** The caller sends nothing more. */
  ended(): void;
  /** The caller has gone, or its deadline has passed: nothing reaches it any more. Comes at most once, and last. */
  gone(): void;
  /** The broker is shutting down: the stream is to be ended as soon as what was asked on it is answered. */
  drain(): void;
}

/** One call with messages both ways. It ends once, by `end` or `fail`. */
export class StreamCall implements CallHead {
  readonly #call: ServerDuplexStream<Buffer, Buffer>;
  readonly #failureOf: (fault: unknown) => CallFailure;
  #over = false;
  #ending = false;
  #watcher: StreamWatcher | undefined;

  /** `onEnd` is told once that the call is over, however it ended; `failureOf` says what becomes of a call whose watcher threw. */
  constructor(call: ServerDuplexStream<Buffer, Buffer>, { onEnd, failureOf }: { onEnd: () => void; failureOf: (fault: unknown) => CallFailure }) {
    this.#call = call;
    this.#failureOf = failureOf;
    const over = (): void => {
      if (this.#over) return;
      this.#over = true;
      onEnd();
      this.#watcher?.gone();
    };
    call.on('cancelled', over);
    call.on('close', over);
    call.on('error', over);
    call.on('finish', () => {
      if (this.#over) return;
      this.#over = true;
      onEnd();
    });
  }

  get patienceMicros(): number {
    return patienceOf(this.#call.getDeadline());
  }

  header(name: string): string | undefined {
    return headerOf(this.#call.metadata, name);
  }

  /** Messages come from now on. */
  watch(watcher: StreamWatcher): void {
    this.#watcher = watcher;
    this.#call.on('data', (message: Buffer) => {
      try {
        watcher.message(message);
      } catch (fault) {
        this.fail(this.#failureOf(fault));
      }
    });
    this.#call.on('end', () => watcher.ended());
  }

  drain(): void {
    this.#watcher?.drain();
  }

  /** Reads no further message until `resume`: what was asked is not answered fast enough, or not taken. */
  pause(): void {
    this.#call.pause();
  }

  resume(): void {
    this.#call.resume();
  }

  /** False where the caller does not take its answers: `onDrain` then says when it has. */
  send(message: Buffer): boolean {
    return this.#over || this.#ending || this.#call.write(message);
  }

  onDrain(drained: () => void): void {
    this.#call.on('drain', drained);
  }

  end(): void {
    if (this.#over || this.#ending) return;
    this.#ending = true;
    this.#call.end();
  }

  fail({ code, message }: CallFailure): void {
    if (!this.#over) this.#call.emit('error', { code, details: message });
  }
}
