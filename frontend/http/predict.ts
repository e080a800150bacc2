import type { IncomingHttpHeaders } from 'node:http';
import type { AppAccess } from '../domain/access.ts';
import type { Answer } from '../domain/answer.ts';
import type { Clock } from '../domain/clock.ts';
import { ERRORS } from '../domain/errors.ts';
import type { AnswerSink, AppDirectory, PredictPort } from '../domain/ports.ts';
import type { SlabPool } from '../domain/slabs.ts';
import type { Given } from './answer-json.ts';
import { BINARY_TYPE, writeAnswer, writeFailure } from './answer-writer.ts';
import type { Refusal } from './error-reply.ts';
import type { Exchange } from './exchange/exchange.ts';
import type { OpenBodies } from './exchange/open-bodies.ts';
import { type Begun, Place, type PlaceOwner } from './place.ts';
import { PredictParsers } from './predict-parsers.ts';
import type { OptionsResult } from './predict-options.ts';
import { predictQuery } from './predict-query.ts';
import type { Refusals } from './refusals.ts';

export interface PredictDoorOptions {
  readonly apps: AppDirectory;
  /** Whether a model has this name: one that was deployed alone is asked elsewhere. */
  readonly isModel: (name: string) => boolean;
  readonly access: AppAccess;
  readonly slabs: SlabPool;
  readonly clock: Clock;
  readonly refusals: Refusals;
  /** Requests that are being read or wait for their answer, over all connections and on one. */
  readonly maxOpen: number;
  readonly maxOpenPerConnection: number;
  readonly maxBodyBytes: number;
  /** Most bytes of tensors in an answer that is JSON. */
  readonly maxJsonBytes: number;
  readonly bodies: OpenBodies;
  /** A fault of ours while one request was served: it is answered `internal`, the others go on. */
  readonly onFault: (fault: unknown, requestId: string) => void;
}

/** One request for a prediction as the router gives it. */
export interface PredictCall {
  readonly exchange: Exchange;
  readonly appName: string;
  readonly media: 'json' | 'binary';
  /** What it says beside its body (`predictOptions`). */
  readonly settings: OptionsResult;
}

const INTERNAL: Refusal = Object.freeze({ code: 'internal', message: ERRORS.internal.message });

/**
 * `POST /v1/apps/{app}/predict`: reads a body as it comes straight into tensors, submits the query, and writes the answer.
 * The head counts as the arrival. Every request is answered once, unless its client has left; then what has not been sent
 * to a replica is taken back.
 */
export class PredictDoor implements AnswerSink, PlaceOwner {
  readonly #options: PredictDoorOptions;
  readonly #parsers: PredictParsers;
  /** By slot. Grows to what was open at once, never past `maxOpen`. */
  readonly #places: Place[] = [];
  readonly #free: Place[] = [];
  #road: PredictPort | undefined;
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
    return this.#places.length - this.#free.length;
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
    const arrivedAtMicros = this.#options.clock.arrived();
    const { exchange } = call;
    const { connection, headers } = exchange;
    // Its client has gone already, and its end may have been told before it began.
    if (connection.socket.destroyed) return;
    const app = this.#options.apps.app(call.appName);
    if (app === undefined) return this.#refuse(exchange, this.#unknown(call.appName));
    const denied = app.spec.access === undefined ? undefined : this.#options.access.refusal(app.spec, headers.authorization);
    if (denied !== undefined) return this.#refuse(exchange, denied);
    const place = this.#free.pop() ?? this.#newPlace();
    if (place === undefined || connection.open.length >= this.#options.maxOpenPerConnection) {
      if (place !== undefined) this.#free.push(place);
      return this.#refuse(exchange, { code: 'overloaded', message: ERRORS.overloaded.message });
    }
    const { settings } = call;
    const prepared = settings.ok ? this.#parsers.readerFor(app, call.media, settings.options) : settings;
    if (!prepared.ok) {
      this.#free.push(place);
      return this.#refuse(exchange, prepared.failure);
    }
    const { reader, sloMs } = prepared;
    place.begin({ exchange, app, arrivedAtMicros, reader, sloMs, wantsBinary: wantsBinary(headers) });
  }

  #unknown(name: string): Refusal {
    const instead = this.#options.isModel(name) ? `, but a model: ask it at /v2/models/${name}/infer, or add an app with it as an arm` : '';
    return { code: 'unknown_app', message: `There is no app named ${JSON.stringify(name)}${instead}.` };
  }

  chunk(place: Place, chunk: Buffer): void {
    place.bodyBytes += chunk.length;
    const isRoom = this.#options.bodies.hold(chunk.length);
    if (place.bodyBytes > this.#options.maxBodyBytes) {
      this.#abandon(place, { code: 'body_too_large', message: `The body may have at most ${this.#options.maxBodyBytes} bytes.` });
    } else if (!isRoom) {
      this.#abandon(place, { code: 'overloaded', message: 'The bodies of open requests hold as much memory as they may.' });
    } else {
      try {
        place.begun.reader?.push(chunk);
      } catch (fault) {
        this.#options.onFault(fault, place.begun.exchange.requestId);
        this.#abandon(place, INTERNAL);
      }
    }
  }

  bodyEnd(place: Place): void {
    const { begun } = place;
    try {
      this.#submit(place, begun);
    } catch (fault) {
      this.#options.onFault(fault, begun.exchange.requestId);
      if (place.state === 'free') return;
      this.left(place);
      this.#refuse(begun.exchange, INTERNAL);
    }
  }

  bodyBroken(place: Place): void {
    this.#abandon(place, { code: 'malformed_request', message: 'The body cannot be inflated.' });
  }

  #submit(place: Place, begun: Begun): void {
    const { reader } = begun;
    const result = reader?.end();
    place.state = 'waiting';
    if (reader === undefined || result === undefined) return this.#submitUnparsed(place, begun, 1);
    this.#parsers.giveBack(reader);
    if (!result.ok) {
      this.#finish(place);
      return this.#refuse(begun.exchange, result.failure);
    }
    place.many = result.body.many;
    if (result.body.columns.length === 0) this.#submitUnparsed(place, begun, result.body.rows);
    else this.#roadNow().submit(predictQuery(place.slot, begun, result.body));
  }

  #submitUnparsed({ slot }: Place, { app, arrivedAtMicros }: Begun, rows: number): void {
    this.#roadNow().submitUnparsed({ slot, app: app.spec.name, arrivedAtMicros, rows, reason: 'no_replica' });
  }

  /** The client has gone. */
  left(place: Place): void {
    if (place.state === 'waiting') this.#roadNow().cancel(place.slot);
    else this.#dropReader(place.begun);
    this.#finish(place);
  }

  answer(answer: Answer): void {
    const place = this.#places[answer.slot];
    if (place?.state !== 'waiting') throw new Error(`answer for slot ${answer.slot}, which is ${place?.state ?? 'unknown'}`);
    const { begun, many } = place;
    this.#finish(place);
    if (answer.ok) this.#tryToGive(begun, answer, many);
    else writeFailure(begun, answer.decisionId === undefined ? answer.failure : { ...answer.failure, decisionId: answer.decisionId }, this.#draining);
  }

  /** What is wrong with one answer must not reach the road, which has others to give. */
  #tryToGive(begun: Begun, answer: Given, many: boolean): void {
    try {
      const refusal = writeAnswer(begun, answer, many, { last: this.#draining, maxJsonBytes: this.#options.maxJsonBytes });
      if (refusal !== undefined) this.#refuse(begun.exchange, refusal);
    } catch (fault) {
      this.#options.onFault(fault, begun.exchange.requestId);
      this.#refuse(begun.exchange, INTERNAL);
    } finally {
      this.#releaseOutputs(answer);
    }
  }

  #releaseOutputs(answer: Given): void {
    for (const { output } of answer.rows) {
      if (output.kind === 'tensors') for (const { slab } of output.tensors) this.#options.slabs.release(slab);
    }
  }

  #refuse(exchange: Exchange, refusal: Refusal): void {
    this.#options.refusals.refuse(exchange, refusal, this.#draining);
  }

  /** Refuses in the middle of a body. */
  #abandon(place: Place, refusal: Refusal): void {
    const { begun } = place;
    this.#dropReader(begun);
    this.#finish(place);
    this.#options.refusals.refuse(begun.exchange, refusal, true);
  }

  #dropReader({ reader }: Begun): void {
    if (reader === undefined) return;
    reader.abort();
    this.#parsers.giveBack(reader);
  }

  #finish(place: Place): void {
    this.#options.bodies.letGo(place.bodyBytes);
    place.finish();
    this.#free.push(place);
    if (this.#whenIdle.length > 0 && this.open === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #newPlace(): Place | undefined {
    if (this.#places.length >= this.#options.maxOpen) return undefined;
    const place = new Place(this.#places.length, this);
    this.#places.push(place);
    return place;
  }

  #roadNow(): PredictPort {
    if (this.#road === undefined) throw new Error('a request came before the road was connected');
    return this.#road;
  }
}

/** Binary where it is what the client names first; whoever also takes JSON behind it may get that. */
function wantsBinary({ accept }: IncomingHttpHeaders): boolean {
  return accept !== undefined && accept.startsWith(BINARY_TYPE);
}
