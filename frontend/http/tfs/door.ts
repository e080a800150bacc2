import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppAccess } from '../../domain/access.ts';
import type { Answer } from '../../domain/answer.ts';
import type { Clock } from '../../domain/clock.ts';
import { ERRORS } from '../../domain/errors.ts';
import type { Meter } from '../../domain/meter.ts';
import type { PredictPort } from '../../domain/ports.ts';
import type { ServedDirectory } from '../../domain/served.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import { factHeaders } from '../../protocols/answer-facts.ts';
import { askOfHeaders, guarded, isFailure, queryOf, type AskedRows } from '../../protocols/ask.ts';
import type { OpenCalls } from '../../protocols/open-calls.ts';
import { exampleColumns } from '../../protocols/tfs/examples.ts';
import { classesOf, readRows, regressionOf } from '../../protocols/tfs/classified.ts';
import { noSuchVersion } from '../../protocols/tfs/model-status.ts';
import { outputRefusal } from '../../protocols/tfs/outputs.ts';
import { refuse, type TfsRefusal } from '../../protocols/tfs/refusal.ts';
import { findServable, type ModelName } from '../../protocols/tfs/servable.ts';
import { signatureRefusal, type Method } from '../../protocols/tfs/signature.ts';
import { bodyCoding, inflated } from '../compression.ts';
import type { HttpPlugin } from '../http-plugin.ts';
import { TfsCall, type CallOwner } from './call.ts';
import { classificationsJson, regressionsJson } from './classify-json.ts';
import { readExamples } from './examples-body.ts';
import { metadataJson, statusJson } from './metadata-json.ts';
import { askedByPath } from './path.ts';
import { predictionsJson } from './predictions-json.ts';
import { TfsParsers } from './parsers.ts';
import { writeRefusal, writeReply, type ReplyTarget } from './reply.ts';
import { TFS_ROUTES } from './routes.ts';

export interface TfsDoorOptions {
  readonly served: ServedDirectory;
  readonly road: PredictPort;
  readonly calls: OpenCalls;
  readonly access: AppAccess;
  readonly slabs: SlabPool;
  readonly clock: Clock;
  readonly meter: Meter;
  /** Of one request, and of all that are open together. */
  readonly maxBodyBytes: number;
  readonly maxOpenBodyBytes: number;
  /** A fault of ours while one request was served: it is answered 500, the others go on. */
  readonly onFault: (fault: unknown, requestId: string) => void;
}

/** Bodies of Examples are read as a whole, at some ten times the cost of tensors: they are bounded more tightly. */
const MAX_EXAMPLES_BYTES = 4 * 1024 * 1024;
const MAX_EXAMPLES = 4096;
const INTERNAL = refuse('internal', ERRORS.internal.message);

/** TensorFlow Serving's REST API, `/v1/models…`, as a plugin of the HTTP door. */
export function tfsPlugin(options: TfsDoorOptions): HttpPlugin {
  const door = new TfsDoor(options);
  return {
    routes: TFS_ROUTES,
    register: async (scope) => {
      scope.removeAllContentTypeParsers();
      // The body stays in the socket, and its media type means nothing, as there.
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
      for (const url of ['/v1/models', '/v1/models/*']) {
        scope.all(url, { exposeHeadRoute: false }, (request: FastifyRequest, reply: FastifyReply) => {
          reply.hijack();
          door.take(request, reply);
        });
      }
    },
  };
}

/** Reads a request's body straight into tensors, asks the road, and writes what came of it. */
class TfsDoor implements CallOwner {
  readonly #options: TfsDoorOptions;
  readonly #parsers: TfsParsers;
  #openBodyBytes = 0;

  constructor(options: TfsDoorOptions) {
    this.#options = options;
    this.#parsers = new TfsParsers(options.slabs);
  }

  take({ raw: request, id }: FastifyRequest, reply: FastifyReply): void {
    const target: ReplyTarget = { request, response: reply.raw, headers: flat(reply.getHeaders()) };
    const asked = askedByPath(request.method ?? '', request.url ?? '');
    switch (asked.kind) {
      case 'refused': return this.#refuse(target, refuse('malformed_request', asked.message));
      case 'status': return this.#status(target, asked.model);
      case 'metadata': return this.#metadata(target, asked.model);
      case 'infer': return this.#infer(target, id, asked.model, asked.method);
    }
  }

  /** A label says nothing here: all versions are told. */
  #status(target: ReplyTarget, { name, version }: ModelName): void {
    const found = findServable(this.#options.served, { name });
    if (!found.ok) return this.#refuse(target, noSuchVersion(name, undefined));
    if (version !== undefined && !found.served.versions.some((known) => known.version === version)) return this.#refuse(target, noSuchVersion(name, version));
    writeReply(target, statusJson(found.served, version));
  }

  #metadata(target: ReplyTarget, model: ModelName): void {
    const found = findServable(this.#options.served, model);
    if (found.ok) writeReply(target, metadataJson(found.served));
    else this.#refuse(target, found.refusal);
  }

  #infer(target: ReplyTarget, requestId: string, model: ModelName, method: Method): void {
    const arrivedAtMicros = this.#options.clock.now();
    const { headers } = target.request;
    const found = findServable(this.#options.served, model);
    if (!found.ok) return this.#refuse(target, found.refusal);
    const { served } = found;
    const barred = guarded(served, this.#options.access, headers.authorization);
    if (barred !== undefined) return this.#refuse(target, barred);
    const ask = askOfHeaders((name) => text(headers[name]));
    if (isFailure(ask)) return this.#refuse(target, ask);
    const coding = bodyCoding(headers['content-encoding']);
    if (coding === undefined) return this.#refuse(target, refuse('unsupported_media_type', 'Bodies are taken as they are, or in gzip or deflate.'));
    const body = coding === 'identity' ? target.request : inflated(target.request, coding);
    const parser = method === 'predict' ? this.#parsers.take(served.view) : undefined;
    new TfsCall({ ...target, body, requestId, arrivedAtMicros, served, method, ask, parser }, this).listen();
  }

  chunk(call: TfsCall, chunk: Buffer): void {
    const { parser, method } = call.begun;
    call.bodyBytes += chunk.length;
    this.#openBodyBytes += chunk.length;
    const most = method === 'predict' ? this.#options.maxBodyBytes : Math.min(this.#options.maxBodyBytes, MAX_EXAMPLES_BYTES);
    if (call.bodyBytes > most) return this.#abandon(call, refuse('body_too_large', `The body may have at most ${most} bytes.`));
    if (this.#openBodyBytes > this.#options.maxOpenBodyBytes) return this.#abandon(call, refuse('overloaded', 'The bodies of open requests hold as much memory as they may.'));
    if (method !== 'predict') call.chunks.push(chunk);
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
    const read = served.view.inputs === undefined ? undefined : this.#read(call);
    if (read !== undefined && 'code' in read) return this.#abandon(call, read);
    const slot = calls.begin(call);
    if (slot === undefined) return this.#abandon(call, refuse('overloaded', ERRORS.overloaded.message), read);
    this.#openBodyBytes -= call.bodyBytes;
    call.bodyBytes = 0;
    if (read === undefined) {
      call.wait(slot);
      road.submitUnparsed(slot, served.view.spec.name, arrivedAtMicros, 'no_replica');
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

  /** The rows that the body asks for, or why it asks for none. */
  #read(call: TfsCall): AskedRows | TfsRefusal {
    const { served, method, parser } = call.begun;
    if (method === 'predict') {
      if (parser === undefined) throw new Error('a body was read without a parser');
      const result = parser.end();
      this.#parsers.giveBack(parser);
      if (!result.ok) return result.failure;
      const { body } = result;
      const refusal = signatureRefusal(served, method, body.signatureName) ?? outputRefusal(served, body.outputFilter);
      if (refusal !== undefined) {
        for (const { slab } of body.columns) this.#options.slabs.release(slab);
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
    const columns = exampleColumns(body.list, served.view.inputs ?? [], { slabs, maxRows: MAX_EXAMPLES, maxBytes: maxBodyBytes });
    return columns.ok ? columns : columns.refusal;
  }

  answered(call: TfsCall, answer: Answer): void {
    call.state = 'over';
    try {
      this.#write(call, answer);
    } catch (fault) {
      this.#options.onFault(fault, call.begun.requestId);
      this.#refuse(call.begun, INTERNAL);
    }
  }

  #write(call: TfsCall, answer: Answer): void {
    const { begun, rowForm, wanted } = call;
    const facts = factHeaders(answer);
    if (!answer.ok) return this.#refuse(begun, answer.failure, facts);
    const { outputs } = begun.served;
    if (begun.method === 'predict') return writeReply(begun, predictionsJson(answer.rows, rowForm, wanted), facts);
    const results = begun.method === 'classify' ? readRows(answer, outputs, classesOf) : readRows(answer, outputs, regressionOf);
    if (typeof results === 'string') return this.#refuse(begun, refuse('invalid_output', results, 'INVALID_ARGUMENT'), facts);
    writeReply(begun, typeof results[0] === 'number' ? regressionsJson(results as number[]) : classificationsJson(results as Parameters<typeof classificationsJson>[0]), facts);
  }

  left(call: TfsCall): void {
    const { state } = call;
    this.#end(call);
    if (state !== 'waiting') return;
    this.#options.road.cancel(call.slot);
    this.#options.calls.letGo(call.slot);
  }

  /** Refuses before the road has the query. */
  #abandon(call: TfsCall, refusal: TfsRefusal, read?: AskedRows): void {
    for (const { slab } of read?.columns ?? []) this.#options.slabs.release(slab);
    this.#end(call);
    this.#refuse(call.begun, refusal);
  }

  #end(call: TfsCall): void {
    const { parser } = call.begun;
    call.endBody();
    if (call.state === 'body' && parser !== undefined) {
      parser.abort();
      this.#parsers.giveBack(parser);
    }
    this.#openBodyBytes -= call.bodyBytes;
    call.bodyBytes = 0;
    call.chunks.length = 0;
    call.state = 'over';
  }

  /** What goes wrong with one request must not reach the others. */
  #guard(call: TfsCall, run: () => void): void {
    try {
      run();
    } catch (fault) {
      this.#options.onFault(fault, call.begun.requestId);
      if (call.state === 'waiting') this.left(call);
      this.#abandon(call, INTERNAL);
    }
  }

  #refuse(target: ReplyTarget, refusal: TfsRefusal, facts: readonly (readonly [string, string])[] = []): void {
    const { meter } = this.#options;
    if (!ERRORS[refusal.code].miss) meter.add(meter.cell('tradewind_refused_total', { code: refusal.code }), 1);
    writeRefusal(target, refusal, facts);
  }
}

function flat(headers: ReturnType<FastifyReply['getHeaders']>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
}

function text(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
