import type { Answer } from '../../domain/answer.ts';
import type { Micros } from '../../domain/clock.ts';
import type { Served } from '../../domain/served.ts';
import type { Ask } from '../../protocols/ask.ts';
import type { Caller } from '../../protocols/open-calls.ts';
import type { Method } from '../../protocols/tfs/signature.ts';
import type { BodySink, Exchange, OpenRequest } from '../exchange/exchange.ts';
import type { TfsPredictParser } from './predict-parser.ts';

/** What one request is about, known once its head has come. */
export interface Begun {
  readonly exchange: Exchange;
  readonly arrivedAtMicros: Micros;
  readonly served: Served;
  readonly method: Method;
  /** What the headers say beside the body. */
  readonly ask: Ask;
  /** Reads the body of `:predict`; undefined for the others. */
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
 *     body (its bytes come) → waiting (the road has its query, under `slot`) → free (over)
 */
export class TfsCall implements Caller, OpenRequest, BodySink {
  readonly begun: Begun;
  readonly exchange: Exchange;
  state: 'free' | 'body' | 'waiting' = 'body';
  slot = -1;
  bodyBytes = 0;
  /** The body of `:classify` and `:regress`. */
  readonly chunks: Buffer[] = [];
  rowForm = true;
  wanted: readonly string[] = [];
  /** What reads the body, until it is given back: it then is another call's. */
  parser: Begun['parser'];
  readonly #owner: CallOwner;

  constructor(begun: Begun, owner: CallOwner) {
    this.begun = begun;
    this.parser = begun.parser;
    this.exchange = begun.exchange;
    this.#owner = owner;
  }

  /** From now on it is open on its connection, and its owner hears of the body. */
  begin(): void {
    this.exchange.connection.open.push(this);
    this.exchange.read(this);
  }

  readonly piece = (chunk: Buffer): void => {
    if (this.state === 'body') this.#owner.chunk(this, chunk);
  };

  readonly end = (): void => {
    if (this.state === 'body') this.#owner.bodyEnd(this);
  };

  readonly broken = (): void => {
    if (this.state === 'body') this.#owner.bodyBroken(this);
  };

  /** The road has the query from now on. */
  wait(slot: number): void {
    this.slot = slot;
    this.state = 'waiting';
  }

  leave(): void {
    if (this.state !== 'free') this.#owner.left(this);
  }

  answered(answer: Answer): void {
    this.#owner.answered(this, answer);
  }

  /** It is over. What still comes of the body is nobody's. */
  finish(): void {
    if (this.state === 'free') return;
    const { open } = this.exchange.connection;
    open.splice(open.indexOf(this), 1);
    if (this.state === 'body') this.exchange.ignore(this);
    this.state = 'free';
  }
}
