import type { AppAccess } from '../../domain/access.ts';
import type { Answer } from '../../domain/answer.ts';
import type { Clock } from '../../domain/clock.ts';
import { ERRORS } from '../../domain/errors.ts';
import type { PredictPort } from '../../domain/ports.ts';
import type { ServedDirectory, WhyUnready } from '../../domain/served.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import { factHeaders } from '../../protocols/answer-facts.ts';
import { askOfHeaders, guarded, isFailure, queryOf, type AskedRows, type CountedRows } from '../../protocols/ask.ts';
import type { OpenCalls } from '../../protocols/open-calls.ts';
import { exampleColumns, exampleCount } from '../../protocols/tfs/examples.ts';
import { classesOf, readRows, regressionOf } from '../../protocols/tfs/classified.ts';
import { noSuchVersion } from '../../protocols/tfs/model-status.ts';
import { outputRefusal } from '../../protocols/tfs/outputs.ts';
import type { RefusedCount } from '../../protocols/refused-count.ts';
import { refuse, type TfsRefusal } from '../../protocols/tfs/refusal.ts';
import { findServable } from '../../protocols/tfs/servable.ts';
import { signatureRefusal } from '../../protocols/tfs/signature.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { OpenBodies } from '../exchange/open-bodies.ts';
import { refuseUnread } from '../exchange/refuse-unread.ts';
import { jsonRefusal, tensorBytes } from '../json-bound.ts';
import { TfsCall, type CallOwner } from './call.ts';
import { classificationsJson, regressionsJson } from './classify-json.ts';
import { readExamples } from './examples-body.ts';
import { metadataJson, statusJson } from './metadata-json.ts';
import type { Asked } from './path.ts';
import { predictionsJson } from './predictions-json.ts';
import { TfsParsers } from './parsers.ts';
import { refusalReply, writeReply, type Facts } from './reply.ts';

export interface TfsDoorOptions {
  readonly served: ServedDirectory;
  readonly whyUnready: WhyUnready;
  readonly road: PredictPort;
  readonly calls: OpenCalls;
  readonly access: AppAccess;
  readonly slabs: SlabPool;
  readonly refused: RefusedCount;
  readonly clock: Clock;
  readonly maxBodyBytes: number;
  /** Most bytes of tensors in an answer. */
  readonly maxJsonBytes: number;
  readonly bodies: OpenBodies;
  readonly maxOpenPerConnection: number;
  readonly draining: () => boolean;
  /** A fault of ours while one request was served: it is answered 500, the others go on. */
  readonly onFault: (fault: unknown, requestId: string) => void;
}

/** Bodies of Examples are read as a whole, at some ten times the cost of tensors: they are bounded more tightly. */
const MAX_EXAMPLES_BYTES = 4 * 1024 * 1024;
const MAX_EXAMPLES = 4096;
const INTERNAL = refuse('internal', ERRORS.internal.message);

/** What a request to infer asks for. */
export type AskedInference = Extract<Asked, { readonly kind: 'infer' }>;

/** Reads a request's body straight into tensors, asks the road, and writes what came of it. */
export class TfsDoor implements CallOwner {
  readonly #options: TfsDoorOptions;
  readonly #parsers: TfsParsers;

  constructor(options: TfsDoorOptions) {
    this.#options = options;
    this.#parsers = new TfsParsers(options.slabs);
  }

  take(exchange: Exchange, asked: Asked): void {
    try {
      if (asked.kind === 'infer') this.#infer(exchange, asked);
      else this.#tell(exchange, asked);
    } catch (fault) {
      // Nobody above would answer it: the lane is the event loop's.
      this.#options.onFault(fault, exchange.requestId);
      this.refuse(exchange, INTERNAL);
    }
  }

  /** Answers at once whatever reads no body. A label says nothing of a status: all versions are told. */
  #tell(exchange: Exchange, asked: Exclude<Asked, AskedInference>): void {
    if (asked.kind === 'refused') return this.refuse(exchange, refuse('malformed_request', asked.message));
    const { served } = this.#options;
    const { name, version } = asked.model;
    const found = findServable(served, asked.kind === 'status' ? { name } : asked.model);
    const missing = asked.kind === 'status' && (!found.ok || (version !== undefined && !found.served.versions.some((known) => known.version === version)));
    if (missing) return this.refuse(exchange, noSuchVersion(name, found.ok ? version : undefined));
    if (!found.ok) return this.refuse(exchange, found.refusal);
    this.#reply(exchange, asked.kind === 'status' ? statusJson(found.served, this.#options.whyUnready, version) : metadataJson(found.served));
  }

  /** Answers once the body is read. */
  #infer(exchange: Exchange, { model, method }: AskedInference): void {
    const arrivedAtMicros = this.#options.clock.arrived();
    const { connection, headers } = exchange;
    // Its client has gone already.
    if (connection.socket.destroyed) return;
    const found = findServable(this.#options.served, model);
    if (!found.ok) return this.refuse(exchange, found.refusal);
    const { served } = found;
    const barred = guarded(served, this.#options.access, headers.authorization);
    if (barred !== undefined) return this.refuse(exchange, barred);
    if (connection.open.length >= this.#options.maxOpenPerConnection) return this.refuse(exchange, refuse('overloaded', ERRORS.overloaded.message));
    const ask = askOfHeaders((name) => text(headers[name]));
    if (isFailure(ask)) return this.refuse(exchange, ask);
    const parser = method === 'predict' ? this.#parsers.take(served.view) : undefined;
    new TfsCall({ exchange, arrivedAtMicros, served, method, ask, parser }, this).begin();
  }

  chunk(call: TfsCall, chunk: Buffer): void {
    const { parser, begun: { method } } = call;
    call.bodyBytes += chunk.length;
    const isRoom = this.#options.bodies.hold(chunk.length);
    const most = method === 'predict' ? this.#options.maxBodyBytes : Math.min(this.#options.maxBodyBytes, MAX_EXAMPLES_BYTES);
    if (call.bodyBytes > most) return this.#abandon(call, refuse('body_too_large', `The body may have at most ${most} bytes.`));
    if (!isRoom) return this.#abandon(call, refuse('overloaded', 'The bodies of open requests hold as much memory as they may.'));
    if (method !== 'predict') call.chunks.push(Buffer.from(chunk));
    else this.#guard(call, () => parser?.push(chunk));
  }

  bodyEnd(call: TfsCall): void {
    this.#guard(call, () => this.#submit(call));
  }

  bodyBroken(call: TfsCall): void {
    this.#abandon(call, refuse('malformed_request', 'The body cannot be inflated.'));
  }

  #submit(call: TfsCall): void {
    const { served, arrivedAtMicros, ask } = call.begun;
    const { road, calls } = this.#options;
    const read = this.#read(call);
    if ('code' in read) return this.#abandon(call, read);
    const slot = calls.begin(call);
    if (slot === undefined) return this.#abandon(call, refuse('overloaded', ERRORS.overloaded.message), read);
    this.#options.bodies.letGo(call.bodyBytes);
    call.bodyBytes = 0;
    if (read.columns === undefined) {
      call.wait(slot);
      road.submitUnparsed({ slot, app: served.view.spec.name, arrivedAtMicros, rows: read.rows, reason: 'no_replica' });
      return;
    }
    const query = queryOf(served, read, { slot, arrivedAtMicros, ask });
    if (isFailure(query)) {
      calls.letGo(slot);
      return this.#abandon(call, query, read);
    }
    call.wait(slot);
    road.submit(query);
  }

  /** The rows that the body asks for, only counted where nobody knows the inputs yet, or why it asks for none. */
  #read(call: TfsCall): AskedRows | CountedRows | TfsRefusal {
    const { parser, begun: { served, method } } = call;
    if (method === 'predict') {
      if (parser === undefined) throw new Error('a body was read without a parser');
      const result = parser.end();
      this.#giveBack(call);
      if (!result.ok) return result.failure;
      const { body } = result;
      const refusal = signatureRefusal(served, method, body.signatureName) ?? outputRefusal(served, body.outputFilter);
      if (refusal !== undefined) {
        for (const { slab } of body.columns ?? []) this.#options.slabs.release(slab);
        return refusal;
      }
      call.rowForm = body.rowForm;
      call.wanted = body.outputFilter;
      return body;
    }
    const body = readExamples(Buffer.concat(call.chunks));
    call.chunks.length = 0;
    if (!body.ok) return body.refusal;
    const refusal = signatureRefusal(served, method, body.signatureName);
    if (refusal !== undefined) return refusal;
    const { slabs, maxBodyBytes } = this.#options;
    if (served.view.inputs === undefined) return exampleCount(body.list, MAX_EXAMPLES);
    const columns = exampleColumns(body.list, served.view.inputs, { slabs, maxRows: MAX_EXAMPLES, maxBytes: maxBodyBytes });
    return columns.ok ? columns : columns.refusal;
  }

  answered(call: TfsCall, answer: Answer): void {
    call.finish();
    try {
      this.#write(call, answer);
    } catch (fault) {
      this.#options.onFault(fault, call.exchange.requestId);
      this.refuse(call.exchange, INTERNAL);
    }
  }

  #write({ begun: { exchange, served: { outputs }, method }, rowForm, wanted }: TfsCall, answer: Answer): void {
    const facts = factHeaders(answer);
    if (!answer.ok) return this.refuse(exchange, answer.failure, facts);
    if (method === 'predict') {
      const refusal = jsonRefusal(tensorBytes(answer.rows, wanted), this.#options.maxJsonBytes, 'Over gRPC there is no such bound.');
      return refusal === undefined ? this.#reply(exchange, predictionsJson(answer.rows, rowForm, wanted), facts) : this.refuse(exchange, refusal, facts);
    }
    const results = method === 'classify' ? readRows(answer, outputs, classesOf) : readRows(answer, outputs, regressionOf);
    if (typeof results === 'string') return this.refuse(exchange, refuse('invalid_output', results, 'INVALID_ARGUMENT'), facts);
    this.#reply(exchange, typeof results[0] === 'number' ? regressionsJson(results as number[]) : classificationsJson(results as Parameters<typeof classificationsJson>[0]), facts);
  }

  left(call: TfsCall): void {
    const { state } = call;
    this.#end(call);
    if (state !== 'waiting') return;
    this.#options.road.cancel(call.slot);
    this.#options.calls.letGo(call.slot);
  }

  /** Refuses before the road has the query. */
  #abandon(call: TfsCall, refusal: TfsRefusal, read?: AskedRows | CountedRows): void {
    for (const { slab } of read?.columns ?? []) this.#options.slabs.release(slab);
    this.#end(call);
    this.refuse(call.exchange, refusal);
  }

  #end(call: TfsCall): void {
    call.parser?.abort();
    this.#giveBack(call);
    this.#options.bodies.letGo(call.bodyBytes);
    call.bodyBytes = 0;
    call.chunks.length = 0;
    call.finish();
  }

  /** Once: a parser that two calls had would read the rows of the one into the other. */
  #giveBack(call: TfsCall): void {
    const { parser } = call;
    call.parser = undefined;
    if (parser !== undefined) this.#parsers.giveBack(parser);
  }

  /** What goes wrong with one request must not reach the others. */
  #guard(call: TfsCall, run: () => void): void {
    try {
      run();
    } catch (fault) {
      this.#options.onFault(fault, call.exchange.requestId);
      if (call.state === 'waiting') this.left(call);
      this.#abandon(call, INTERNAL);
    }
  }

  #reply(exchange: Exchange, body: string, facts: Facts = []): void {
    writeReply(exchange, body, { facts, last: this.#options.draining() });
  }

  refuse(exchange: Exchange, refusal: TfsRefusal, facts: Facts = []): void {
    const { clock, refused, draining } = this.#options;
    if (!ERRORS[refusal.code].miss) refused.add(refusal.code);
    refuseUnread(exchange, clock, refusalReply(exchange, refusal, { facts, last: draining() }));
  }
}

function text(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
