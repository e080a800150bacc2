import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Micros } from '../domain/clock.ts';
import type { AppView } from '../domain/ports.ts';
import type { Connection, OpenExchange } from './connections.ts';
import type { ParseResult } from './predict-body/predict-body.ts';

/** What a body is read with: one of the two parsers, or nothing where the app's inputs are not known. */
export interface BodyReader {
  push(chunk: Buffer): void;
  end(): ParseResult;
  abort(): void;
}

/** One predict request that has begun: where its answer goes, and what has to be remembered until then. */
export interface Begun {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection;
  readonly requestId: string;
  readonly app: AppView;
  readonly arrivedAtMicros: Micros;
  readonly reader: BodyReader | undefined;
  /** Said beside the body; the body's own wins. */
  readonly sloMs: number | undefined;
  readonly wantsBinary: boolean;
}

export interface ExchangeOwner {
  chunk(exchange: Exchange, chunk: Buffer): void;
  bodyEnd(exchange: Exchange): void;
  left(exchange: Exchange): void;
}

/**
 * A place in the door's table of open requests, used anew by one request after another, so that a request costs no
 * closure: its listeners belong to the place.
 *
 *     free → body (its bytes come) → waiting (the road has it) → free
 */
export class Exchange implements OpenExchange {
  readonly slot: number;
  state: 'free' | 'body' | 'waiting' = 'free';
  bodyBytes = 0;
  many = false;
  #begun: Begun | undefined;
  readonly #owner: ExchangeOwner;
  readonly #onData: (chunk: Buffer) => void;
  readonly #onEnd: () => void;

  constructor(slot: number, owner: ExchangeOwner) {
    this.slot = slot;
    this.#owner = owner;
    this.#onData = (chunk) => owner.chunk(this, chunk);
    this.#onEnd = () => owner.bodyEnd(this);
  }

  get begun(): Begun {
    if (this.#begun === undefined) throw new Error(`slot ${this.slot} is ${this.state}`);
    return this.#begun;
  }
  get request(): IncomingMessage {
    return this.begun.request;
  }
  get response(): ServerResponse {
    return this.begun.response;
  }

  begin(begun: Begun): void {
    this.#begun = begun;
    this.state = 'body';
    this.bodyBytes = 0;
    this.many = false;
    begun.connection.open.push(this);
    begun.request.on('data', this.#onData);
    begun.request.on('end', this.#onEnd);
  }

  leave(): void {
    this.#owner.left(this);
  }

  /** The place is free. A body that is still coming is nobody's any more. */
  finish(): void {
    const { request, connection } = this.begun;
    if (this.state === 'body') {
      request.off('data', this.#onData);
      request.off('end', this.#onEnd);
    }
    const { open } = connection;
    // Mostly there is one.
    if (open.length === 1 && open[0] === this) open.pop();
    else open.splice(open.indexOf(this), 1);
    this.#begun = undefined;
    this.state = 'free';
  }
}
