import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Answer } from '../../domain/answer.ts';
import type { Micros } from '../../domain/clock.ts';
import type { Served } from '../../domain/served.ts';
import type { Ask } from '../../protocols/ask.ts';
import type { Caller } from '../../protocols/open-calls.ts';
import type { Method } from '../../protocols/tfs/signature.ts';
import type { TfsPredictParser } from './predict-parser.ts';

/** What one request is about, known once its head has come. */
export interface Begun {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The body as it is read: the request itself, or what it inflates to. */
  readonly body: Readable;
  /** Headers that every answer carries, names and values in turn. */
  readonly headers: readonly string[];
  readonly requestId: string;
  readonly arrivedAtMicros: Micros;
  readonly served: Served;
  readonly method: Method;
  /** What the headers say beside the body. */
  readonly ask: Ask;
  /** Reads the body of `:predict`; undefined for the others, and where the model's inputs are not known. */
  readonly parser: TfsPredictParser | undefined;
}

/** Who drives a call: each is called at most once after another, and none after `left`. */
export interface CallOwner {
  chunk(call: TfsCall, chunk: Buffer): void;
  bodyEnd(call: TfsCall): void;
  /** The body is not of the coding that its header says. */
  bodyBroken(call: TfsCall): void;
  /** The client has gone before its answer was given. */
  left(call: TfsCall): void;
  answered(call: TfsCall, answer: Answer): void;
}

/**
 * One request to infer, from its head to its answer.
 *
 *     body (its bytes come) → waiting (the road has its query, under `slot`) → over
 */
export class TfsCall implements Caller {
  readonly begun: Begun;
  state: 'body' | 'waiting' | 'over' = 'body';
  slot = -1;
  bodyBytes = 0;
  /** The body of `:classify` and `:regress`. */
  readonly chunks: Buffer[] = [];
  rowForm = true;
  wanted: readonly string[] = [];
  readonly #owner: CallOwner;

  constructor(begun: Begun, owner: CallOwner) {
    this.begun = begun;
    this.#owner = owner;
  }

  /** Its owner is told from now on. */
  listen(): void {
    const { body, response } = this.begun;
    body.on('data', (chunk: Buffer) => {
      if (this.state === 'body') this.#owner.chunk(this, chunk);
    });
    body.on('error', () => {
      if (this.state === 'body') this.#owner.bodyBroken(this);
    });
    body.on('end', () => {
      if (this.state === 'body') this.#owner.bodyEnd(this);
    });
    response.on('close', () => {
      if (this.state !== 'over') this.#owner.left(this);
    });
  }

  /** The road has the query from now on. */
  wait(slot: number): void {
    this.slot = slot;
    this.state = 'waiting';
  }

  /** Reads no further. What is left of the request itself is for who answers it. */
  endBody(): void {
    const { request, body } = this.begun;
    if (body === request) return;
    request.unpipe();
    body.destroy();
  }

  answered(answer: Answer): void {
    this.#owner.answered(this, answer);
  }
}
