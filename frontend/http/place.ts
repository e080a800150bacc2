import type { Micros } from '../domain/clock.ts';
import type { AppView } from '../domain/ports.ts';
import type { BodySink, Exchange, OpenRequest } from './exchange/exchange.ts';
import type { ParseResult } from './predict-body/predict-body.ts';

/** What a body is read with: one of the two parsers, which counts the rows of JSON where the inputs of the app are not known. */
export interface BodyReader {
  push(chunk: Buffer): void;
  end(): ParseResult;
  abort(): void;
}

/** One predict request that has begun: where its answer goes, and what has to be remembered until then. */
export interface Begun {
  readonly exchange: Exchange;
  readonly app: AppView;
  readonly arrivedAtMicros: Micros;
  readonly reader: BodyReader | undefined;
  /** Said beside the body; the body's own wins. */
  readonly sloMs: number | undefined;
  readonly wantsBinary: boolean;
}

export interface PlaceOwner {
  chunk(place: Place, chunk: Buffer): void;
  bodyEnd(place: Place): void;
  bodyBroken(place: Place): void;
  left(place: Place): void;
}

/**
 * A place in the door's table of open requests, used anew by one request after another, so that a request costs no
 * closure: what takes its body belongs to the place.
 *
 *     free → body (its bytes come) → waiting (the road has it) → free
 */
export class Place implements OpenRequest, BodySink {
  readonly slot: number;
  state: 'free' | 'body' | 'waiting' = 'free';
  bodyBytes = 0;
  many = false;
  #begun: Begun | undefined;
  readonly #owner: PlaceOwner;
  readonly piece: (bytes: Buffer) => void;
  readonly end: () => void;
  readonly broken: () => void;

  constructor(slot: number, owner: PlaceOwner) {
    this.slot = slot;
    this.#owner = owner;
    this.piece = (bytes) => owner.chunk(this, bytes);
    this.end = () => owner.bodyEnd(this);
    this.broken = () => owner.bodyBroken(this);
  }

  get begun(): Begun {
    if (this.#begun === undefined) throw new Error(`slot ${this.slot} is ${this.state}`);
    return this.#begun;
  }
  get exchange(): Exchange {
    return this.begun.exchange;
  }

  begin(begun: Begun): void {
    this.#begun = begun;
    this.state = 'body';
    this.bodyBytes = 0;
    this.many = false;
    begun.exchange.connection.open.push(this);
    begun.exchange.read(this);
  }

  leave(): void {
    this.#owner.left(this);
  }

  /** The place is free. A body that is still coming is nobody's any more. */
  finish(): void {
    const { exchange } = this.begun;
    if (this.state === 'body') exchange.ignore(this);
    const { open } = exchange.connection;
    // Mostly there is one.
    if (open.length === 1 && open[0] === this) open.pop();
    else open.splice(open.indexOf(this), 1);
    this.#begun = undefined;
    this.state = 'free';
  }
}
