import type { IncomingMessage } from 'node:http';
import type { Answer } from '../domain/answer.ts';
import type { Clock } from '../domain/clock.ts';
import { ERRORS } from '../domain/errors.ts';
import type { AnswerSink, AppDirectory, PredictPort } from '../domain/ports.ts';
import type { SlabPool } from '../domain/slabs.ts';
import type { Given } from './answer-json.ts';
import { BINARY_TYPE, writeAnswer, writeFailure } from './answer-writer.ts';
import type { Connections } from './connections.ts';
import type { Refusal } from './error-reply.ts';
import { type Begun, Exchange, type ExchangeOwner } from './exchange.ts';
import { PredictParsers } from './predict-parsers.ts';
import { predictOptions } from './predict-options.ts';
import { predictQuery } from './predict-query.ts';
import type { Refusals, Refused } from './refusals.ts';

export interface PredictDoorOptions {
  readonly apps: AppDirectory;
  readonly slabs: SlabPool;
  readonly clock: Clock;
  readonly connections: Connections;
  readonly refusals: Refusals;
  /** Requests that are being read or wait for their answer, over all connections and on one. */
  readonly maxOpen: number;
  readonly maxOpenPerConnection: number;
  readonly maxBodyBytes: number;
  /** Bytes of bodies that all open requests together may hold. */
  readonly maxOpenBodyBytes: number;
  /** A fault of ours while one request was served: it is answered `internal`, the others go on. */
  readonly onFault: (fault: unknown, requestId: string) => void;
}

/** One request for a prediction as the router gives it. */
export interface PredictCall extends Refused {
  readonly appName: string;
  readonly media: 'json' | 'binary';
  readonly query: Readonly<Record<string, unknown>>;
}

const INTERNAL: Refusal = Object.freeze({ code: 'internal', message: ERRORS.internal.message });

/**
 * `POST /v1/apps/{app}/predict`: reads a body as it comes straight into tensors, submits the query, and writes the answer.
 * The head counts as the arrival. Every request is answered once, unless its client has left; then what has not been sent
 * to a replica is taken back.
 */
export class PredictDoor implements AnswerSink, ExchangeOwner {
  readonly #options: PredictDoorOptions;
  readonly #parsers: PredictParsers;
  /** By slot. Grows to what was open at once, never past `maxOpen`. */
  readonly #exchanges: Exchange[] = [];
  readonly #free: Exchange[] = [];
  #road: PredictPort | undefined;
  #openBodyBytes = 0;
  #draining = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: PredictDoorOptions) {
    this.#options = options;
    this.#parsers = new PredictParsers(options.slabs, options.maxBodyBytes);
  }

  /** Where queries go. Once, before the first request. */
  connect(road: PredictPort): void {
    this.#road = road;
  }

  /** Requests that are being read or wait for their answer. */
  get open(): number {
    return this.#exchanges.length - this.#free.length;
  }

  /** From now on every answer tells its client to close the connection. */
  drain(): void {
    this.#draining = true;
  }

  /** Resolves as soon as nothing is open. */
  idle(): Promise<void> {
    if (this.open === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  take(call: PredictCall): void {
    const arrivedAtMicros = this.#options.clock.now();
    const { request, response, requestId } = call;
    // Its client has gone already, and its end may have been told before it began.
    if (request.socket.destroyed) return;
    const app = this.#options.apps.app(call.appName);
    if (app === undefined) return this.#refuse(call, { code: 'unknown_app', message: `There is no app named ${JSON.stringify(call.appName)}.` });
    const connection = this.#options.connections.of(request.socket);
    const exchange = this.#free.pop() ?? this.#newExchange();
    if (exchange === undefined || connection.open.length >= this.#options.maxOpenPerConnection) {
      if (exchange !== undefined) this.#free.push(exchange);
      return this.#refuse(call, { code: 'overloaded', message: ERRORS.overloaded.message });
    }
    const settings = predictOptions(request.headers, call.query, call.media);
    const prepared = settings.ok ? this.#parsers.readerFor(app, call.media, settings.options) : settings;
    if (!prepared.ok) {
      this.#free.push(exchange);
      return this.#refuse(call, prepared.failure);
    }
    const { reader, sloMs } = prepared;
    exchange.begin({ request, response, connection, requestId, app, arrivedAtMicros, reader, sloMs, wantsBinary: wantsBinary(request) });
  }

  chunk(exchange: Exchange, chunk: Buffer): void {
    exchange.bodyBytes += chunk.length;
    this.#openBodyBytes += chunk.length;
    if (exchange.bodyBytes > this.#options.maxBodyBytes) {
      this.#abandon(exchange, { code: 'body_too_large', message: `The body may have at most ${this.#options.maxBodyBytes} bytes.` });
    } else if (this.#openBodyBytes > this.#options.maxOpenBodyBytes) {
      this.#abandon(exchange, { code: 'overloaded', message: 'The bodies of open requests hold as much memory as they may.' });
    } else {
      try {
        exchange.begun.reader?.push(chunk);
      } catch (fault) {
        this.#options.onFault(fault, exchange.begun.requestId);
        this.#abandon(exchange, INTERNAL);
      }
    }
  }

  bodyEnd(exchange: Exchange): void {
    const { begun } = exchange;
    try {
      this.#submit(exchange, begun);
    } catch (fault) {
      this.#options.onFault(fault, begun.requestId);
      if (exchange.state === 'free') return;
      this.left(exchange);
      this.#refuse(begun, INTERNAL);
    }
  }

  #submit(exchange: Exchange, begun: Begun): void {
    const { reader, app, arrivedAtMicros } = begun;
    const result = reader?.end();
    exchange.state = 'waiting';
    if (reader === undefined || result === undefined) {
      this.#roadNow().submitUnparsed(exchange.slot, app.spec.name, arrivedAtMicros, 'no_replica');
      return;
    }
    this.#parsers.giveBack(reader);
    if (!result.ok) {
      this.#finish(exchange);
      return this.#refuse(begun, result.failure);
    }
    exchange.many = result.body.many;
    this.#roadNow().submit(predictQuery(exchange.slot, begun, result.body));
  }

  /** The client has gone. */
  left(exchange: Exchange): void {
    if (exchange.state === 'waiting') this.#roadNow().cancel(exchange.slot);
    else this.#dropReader(exchange.begun);
    this.#finish(exchange);
  }

  answer(answer: Answer): void {
    const exchange = this.#exchanges[answer.slot];
    if (exchange?.state !== 'waiting') throw new Error(`answer for slot ${answer.slot}, which is ${exchange?.state ?? 'unknown'}`);
    const { begun, many } = exchange;
    this.#finish(exchange);
    if (answer.ok) this.#tryToGive(begun, answer, many);
    else writeFailure(begun, answer.decisionId === undefined ? answer.failure : { ...answer.failure, decisionId: answer.decisionId }, this.#draining);
  }

  /** What is wrong with one answer must not reach the road, which has others to give. */
  #tryToGive(begun: Begun, answer: Given, many: boolean): void {
    try {
      writeAnswer(begun, answer, many, this.#draining);
    } catch (fault) {
      this.#options.onFault(fault, begun.requestId);
      this.#refuse(begun, INTERNAL);
    } finally {
      this.#releaseOutputs(answer);
    }
  }

  #releaseOutputs(answer: Given): void {
    for (const { output } of answer.rows) {
      if (output.kind === 'tensors') for (const { slab } of output.tensors) this.#options.slabs.release(slab);
    }
  }

  #refuse(to: Refused, refusal: Refusal): void {
    this.#options.refusals.refuse(to, refusal, this.#draining);
  }

  /** Refuses in the middle of a body. */
  #abandon(exchange: Exchange, refusal: Refusal): void {
    const { begun } = exchange;
    this.#dropReader(begun);
    this.#finish(exchange);
    this.#options.refusals.refuse(begun, refusal, true);
  }

  #dropReader({ reader }: Begun): void {
    if (reader === undefined) return;
    reader.abort();
    this.#parsers.giveBack(reader);
  }

  #finish(exchange: Exchange): void {
    this.#openBodyBytes -= exchange.bodyBytes;
    exchange.finish();
    this.#free.push(exchange);
    if (this.#whenIdle.length > 0 && this.open === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #newExchange(): Exchange | undefined {
    if (this.#exchanges.length >= this.#options.maxOpen) return undefined;
    const exchange = new Exchange(this.#exchanges.length, this);
    this.#exchanges.push(exchange);
    return exchange;
  }

  #roadNow(): PredictPort {
    if (this.#road === undefined) throw new Error('a request came before the road was connected');
    return this.#road;
  }
}

/** Binary where it is what the client names first; whoever also takes JSON behind it may get that. */
function wantsBinary(request: IncomingMessage): boolean {
  const { accept } = request.headers;
  return accept !== undefined && accept.startsWith(BINARY_TYPE);
}
