import type { IncomingHttpHeaders } from 'node:http';
import type { BodySink, Connection, Exchange, Reply } from '../exchange/exchange.ts';

/** Line ends above all: what follows one in a header would be a header, or an answer, of its own (RFC 9110 §5.5). */
const UNSAFE = /[^\t -~\u0080-\u00ff]/;

/** Writes answers in the order of their requests. */
export interface LaneWriter {
  /** This exchange has its answer. */
  given(exchange: LaneExchange): void;
  /** Sends an interim answer to this exchange, where it is its turn. */
  probe(exchange: LaneExchange): void;
}

export interface LaneExchangeParts {
  readonly connection: Connection;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly bodyBytes: number;
  readonly requestId: string;
  readonly writer: LaneWriter;
}

/** An exchange that the lane carries. */
export class LaneExchange implements Exchange {
  readonly connection: Connection;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly bodyBytes: number;
  readonly requestId: string;
  readonly #writer: LaneWriter;
  whole = false;
  written = false;
  /** Where its body goes; nowhere where it is undefined. */
  sink: BodySink | undefined;
  /** Its answer, once it is given. */
  reply: Reply | undefined;
  /** The client may still be sending when the answer is out: called when our side is closed behind it. */
  ended: (() => void) | undefined;
  #whenWritten: (() => void) | undefined;

  constructor({ connection, target, headers, bodyBytes, requestId, writer }: LaneExchangeParts) {
    this.connection = connection;
    this.target = target;
    this.headers = headers;
    this.bodyBytes = bodyBytes;
    this.requestId = requestId;
    this.#writer = writer;
  }

  get answered(): boolean {
    return this.reply !== undefined || this.connection.socket.destroyed;
  }

  read(sink: BodySink): void {
    this.sink = sink;
  }

  ignore(): void {
    this.sink = undefined;
  }

  answer(reply: Reply): void {
    this.#give(reply);
  }

  answerEarly(reply: Reply, ended: () => void): void {
    this.#give(reply, ended);
    this.sink = undefined;
  }

  probe(): void {
    this.#writer.probe(this);
  }

  whenWritten(then: () => void): void {
    this.#whenWritten = then;
  }

  /** Told by the writer. */
  isWritten(): void {
    this.written = true;
    this.#whenWritten?.();
  }

  #give(reply: Reply, ended?: () => void): void {
    if (this.reply !== undefined) throw new Error(`request ${this.requestId} was answered before`);
    const { headers } = reply;
    for (let i = 1; i < headers.length; i += 2) {
      if (UNSAFE.test(headers[i] ?? '')) throw new TypeError(`header ${headers[i - 1]} of the answer to ${this.requestId} holds what no header may`);
    }
    this.reply = reply;
    this.ended = ended;
    this.#writer.given(this);
  }
}
