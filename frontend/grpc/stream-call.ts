import type { ServerDuplexStream } from '@grpc/grpc-js';
import { headerOf, patienceOf, type CallHead } from './call-metadata.ts';
import type { StreamAnswers } from './connection-answers.ts';
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

export interface StreamCallParts {
  /** Those of its stream; undefined where its connection has gone. */
  readonly answers: StreamAnswers | undefined;
  /** Told once that the call is over, however it ended. */
  readonly onEnd: () => void;
  /** What becomes of a call whose watcher threw. */
  readonly failureOf: (fault: unknown) => CallFailure;
}

/** One call with messages both ways. It ends once, by `end` or `fail`; where its answers are left unread, by a reset. */
export class StreamCall implements CallHead {
  readonly #call: ServerDuplexStream<Buffer, Buffer>;
  readonly #answers: StreamAnswers | undefined;
  readonly #failureOf: (fault: unknown) => CallFailure;
  /** Lengths of the messages that have not gone out, oldest first. */
  readonly #going: number[] = [];
  #over = false;
  #ending = false;
  #watcher: StreamWatcher | undefined;

  constructor(call: ServerDuplexStream<Buffer, Buffer>, { answers, onEnd, failureOf }: StreamCallParts) {
    this.#call = call;
    this.#answers = answers;
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
    if (this.#isDeaf || this.#refused(this.#answers?.add(message.length))) return true;
    return this.#write(message);
  }

  /** A message that waits for its turn: it counts as unread from now on. `sendHeld` sends it. */
  hold(message: Buffer): void {
    if (!this.#isDeaf) this.#refused(this.#answers?.hold(message.length));
  }

  sendHeld(message: Buffer): boolean {
    if (this.#isDeaf) return true;
    this.#answers?.letGo(message.length);
    return this.#write(message);
  }

  onDrain(drained: () => void): void {
    this.#call.on('drain', drained);
  }

  /** Nothing that is sent goes anywhere. */
  get #isDeaf(): boolean {
    return this.#over || this.#ending || this.#answers === undefined;
  }

  /** Where an answer was not counted, the stream is reset: words would wait behind what is not read. */
  #refused(counted: boolean | undefined): boolean {
    if (counted !== false) return false;
    this.#ending = true;
    this.#answers?.reset();
    return true;
  }

  #write(message: Buffer): boolean {
    this.#going.push(message.length);
    return this.#call.write(message, this.#gone);
  }

  readonly #gone = (): void => this.#answers?.taken(this.#going.shift() ?? 0);

  end(): void {
    if (this.#over || this.#ending) return;
    this.#ending = true;
    this.#call.end();
  }

  fail({ code, message }: CallFailure): void {
    if (!this.#over) this.#call.emit('error', { code, details: message });
  }
}
