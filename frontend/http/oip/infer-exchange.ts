import type { Failure } from '../../domain/answer.ts';
import type { Micros } from '../../domain/clock.ts';
import { ERRORS } from '../../domain/errors.ts';
import type { Served } from '../../domain/served.ts';
import { isFailure, type Ask } from '../../protocols/ask.ts';
import { askOfParameters } from '../../protocols/oip/ask-parameters.ts';
import type { InferAnswer } from '../../protocols/oip/infer-answer.ts';
import { InferCall, type InferParts, type InferTarget } from '../../protocols/oip/infer-call.ts';
import type { Refusal } from '../error-reply.ts';
import { jsonRefusal } from '../json-bound.ts';
import { answerCompressed } from '../exchange/answer-compressed.ts';
import type { BodySink, Exchange, OpenRequest } from '../exchange/exchange.ts';
import { NO_PARAMETERS } from './body-fields.ts';
import type { InferBody, InferBodyResult } from './infer-body.ts';
import { inferReply, jsonBytes } from './infer-reply.ts';

/** Reads a body whose chunks are pushed as they come. After `end` or `abort` it holds nothing. */
export interface InferReader {
  push(chunk: Buffer): void;
  end(): InferBodyResult;
  abort(): void;
}

/** What an exchange needs of the door that began it. */
export interface InferOwner {
  readonly parts: InferParts;
  readonly draining: boolean;
  readonly maxBodyBytes: number;
  readonly maxJsonBytes: number;
  /** So many more bytes of bodies are held; false where that would be too many. */
  hold(bytes: number): boolean;
  /** An inference is over that held so many bytes; `reader` may be used again. */
  done(reader: InferReader | undefined, heldBytes: number): void;
  /** Before it was a query; `tell` is for what became of one, or was counted already. */
  refuse(exchange: Exchange, refusal: Refusal): void;
  tell(exchange: Exchange, refusal: Refusal): void;
  onFault(fault: unknown, requestId: string): void;
}

export interface BegunInfer {
  readonly exchange: Exchange;
  readonly served: Served;
  readonly arrivedAtMicros: Micros;
  /** What headers said. */
  readonly ask: Ask;
  readonly reader: InferReader;
}

/** One inference over HTTP: body in, query to the road, answer out; or one refusal. */
export class InferExchange implements InferTarget, OpenRequest, BodySink {
  readonly exchange: Exchange;
  state: 'free' | 'body' | 'waiting' = 'body';
  readonly #owner: InferOwner;
  readonly #begun: BegunInfer;
  #reader: InferReader | undefined;
  #heldBytes = 0;
  #body: InferBody | undefined;
  #call: InferCall | undefined;

  constructor(owner: InferOwner, begun: BegunInfer) {
    this.#owner = owner;
    this.#begun = begun;
    this.#reader = begun.reader;
    this.exchange = begun.exchange;
  }

  /** From now on it is open on its connection, and lives by the body that it reads. */
  begin(): void {
    this.exchange.connection.open.push(this);
    this.exchange.read(this);
  }

  readonly piece = (chunk: Buffer): void => {
    if (this.state !== 'body') return;
    this.#heldBytes += chunk.length;
    if (!this.#owner.hold(chunk.length)) return this.#refuse({ code: 'overloaded', message: 'the bodies of open requests hold as much memory as they may' });
    if (this.#heldBytes > this.#owner.maxBodyBytes) return this.#refuse({ code: 'body_too_large', message: `the request may have at most ${this.#owner.maxBodyBytes} bytes` });
    try {
      this.#reader?.push(chunk);
    } catch (fault) {
      this.#fault(fault);
    }
  };

  readonly end = (): void => {
    if (this.state !== 'body') return;
    this.state = 'waiting';
    try {
      this.#submit();
    } catch (fault) {
      this.#fault(fault);
    }
  };

  readonly broken = (): void => {
    this.#refuse({ code: 'malformed_request', message: 'the body cannot be inflated' });
  };

  /** The client has gone: what has not left is taken back. */
  leave(): void {
    if (this.state === 'free') return;
    this.#call?.cancel();
    this.#finish();
  }

  answered(answer: InferAnswer): void {
    const asked = this.#body;
    if (asked === undefined) throw new Error('a request was answered before it was read');
    const refusal = jsonRefusal(jsonBytes(answer, asked), this.#owner.maxJsonBytes, "Outputs with 'binary_data' have no such bound.");
    if (refusal !== undefined) return this.#tooLarge(refusal, answer.facts.decision_id);
    const { body, headers } = inferReply(answer, asked, this.exchange.requestId);
    this.#finish();
    answerCompressed(this.exchange, { status: 200, headers, body, last: this.#owner.draining });
  }

  refused(failure: Failure, decisionId?: string): void {
    this.#finish();
    this.#owner.tell(this.exchange, decisionId === undefined ? failure : { ...failure, decisionId });
  }

  #tooLarge(refusal: Failure, decisionId: string | undefined): void {
    this.#finish();
    this.#owner.refuse(this.exchange, decisionId === undefined ? refusal : { ...refusal, decisionId });
  }

  #submit(): void {
    const { parts } = this.#owner;
    const { served, arrivedAtMicros, ask: beside, reader } = this.#begun;
    const result = reader.end();
    if (!result.ok) return this.#refuse(result.failure);
    const { input, outputs, parameters } = (this.#body = result.body);
    const ask = parameters === NO_PARAMETERS ? beside : askOfParameters((key) => (Object.hasOwn(parameters, key) ? parameters[key] : undefined), beside);
    const call = new InferCall(parts, { served, wanted: outputs, ask: isFailure(ask) ? beside : ask, arrivedAtMicros }, this);
    if (isFailure(ask)) return call.refuse(ask, input);
    this.#call = call;
    call.submit(input);
  }

  #refuse(refusal: Refusal): void {
    if (this.state === 'free') return;
    this.#finish();
    this.#owner.refuse(this.exchange, refusal);
  }

  #finish(): void {
    const { open } = this.exchange.connection;
    // Mostly there is one.
    if (open.length === 1 && open[0] === this) open.pop();
    else open.splice(open.indexOf(this), 1);
    if (this.state === 'body') this.exchange.ignore(this);
    this.state = 'free';
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.abort();
    this.#owner.done(reader, this.#heldBytes);
  }

  /** A fault of ours is one request's, and no other's. */
  #fault(fault: unknown): void {
    this.#owner.onFault(fault, this.exchange.requestId);
    this.#call?.cancel();
    this.#refuse({ code: 'internal', message: ERRORS.internal.message });
  }
}
