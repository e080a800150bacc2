import { Agent as HttpAgent, request as requestPlain, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestTls } from 'node:https';
import type { Dtype } from '../../../protos/dtype.ts';
import { MAX_PAYLOAD_BYTES } from '../../../protos/wire.ts';
import type { ReplicaBatch } from '../../domain/replica.ts';
import type { SendBuffers } from '../send-buffers.ts';
import type { OipAddress } from './address.ts';
import { connectionFailure } from './connection-failure.ts';
import { badAnswer } from './grpc-call.ts';
import { errorText } from './error-text.ts';
import { shorten } from './grpc-status.ts';
import { decodeBody, encodeBody } from './infer-json.ts';
import { hasJsonForm } from './json-data.ts';
import { MessageBuffer } from './message-buffer.ts';
import { parseMaxBatchSize, parseModelMetadata, parseServerMetadata } from './rest-messages.ts';
import { CallError, type Answered, type CallFailure, type ModelMetadata, type Server, type ServerFacts, type ServerOptions } from './server.ts';

const JSON_LENGTH = 'inference-header-content-length';
const BINARY = 'binary_tensor_data';
/** After these statuses no batch would fare better: not known here, not ready, nobody behind the proxy. */
const GONE: ReadonlySet<number> = new Set([401, 403, 404, 502, 503]);
/** Inference waits for no probe, and a probe for none. */
const PROBE_SOCKETS = 2;
/** What a server says of itself and of its model. */
const MAX_FACTS_BYTES = 8 * 1024 * 1024;

interface Reply {
  readonly status: number;
  readonly body: Buffer;
  /** How many bytes of the body are JSON. */
  readonly jsonLength: number;
  /** Where it points to instead of answering. */
  readonly location?: string;
}

/**
 * A model on an HTTP server: keep-alive connections, JSON, and raw tensors where the server lists the binary extension
 * (Open Inference Protocol, REST; Triton's extension_binary_data). `facts` is to be asked before the first `infer`.
 */
export class HttpServer implements Server {
  readonly #options: ServerOptions;
  readonly #buffers: SendBuffers;
  readonly #address: OipAddress;
  readonly #agent: HttpAgent;
  readonly #model: string;
  readonly #open = new Set<ClientRequest>();
  #binary = false;
  #closed = false;

  constructor(address: OipAddress, options: ServerOptions, buffers: SendBuffers) {
    this.#options = options;
    this.#buffers = buffers;
    this.#address = address;
    const { maxInFlight, ca, model, version } = options;
    const agent = { keepAlive: true, maxSockets: maxInFlight + PROBE_SOCKETS, scheduling: 'lifo' as const };
    this.#agent = address.tls ? new HttpsAgent({ ...agent, ...(ca !== undefined && { ca }) }) : new HttpAgent(agent);
    this.#model = `/v2/models/${encodeURIComponent(model)}${version === undefined ? '' : `/versions/${encodeURIComponent(version)}`}`;
  }

  async facts(): Promise<ServerFacts> {
    const facts = parseServerMetadata((await this.#get('/v2')).body);
    this.#binary = facts.extensions.includes(BINARY);
    return facts;
  }

  async ready(): Promise<boolean> {
    const replies = await Promise.all([this.#ask('/v2/health/ready'), this.#ask(`${this.#model}/ready`)]);
    const unknown = replies.find(({ status }) => status === 404);
    if (unknown !== undefined) throw new CallError(failureOf(unknown));
    return replies.every(({ status }) => status === 200);
  }

  async metadata(): Promise<ModelMetadata> {
    return parseModelMetadata((await this.#get(this.#model)).body);
  }

  carries(dtype: Dtype): boolean {
    return this.#binary || hasJsonForm(dtype);
  }

  async maxBatch(): Promise<number | undefined> {
    const size = parseMaxBatchSize((await this.#get(`${this.#model}/config`)).body);
    return size > 0 ? size : undefined;
  }

  infer(batch: ReplicaBatch, done: (result: Answered | CallFailure) => void): string | undefined {
    const encoded = encodeBody(batch, { unbatched: this.#options.unbatched, binary: this.#binary }, this.#buffers);
    if (typeof encoded === 'string') return encoded;
    const { buffer, length, jsonLength } = encoded;
    const raw = { 'content-type': 'application/octet-stream', [JSON_LENGTH]: jsonLength };
    const traceparent = batch.traceparent === undefined ? {} : { traceparent: batch.traceparent };
    const headers = { ...(this.#binary ? raw : { 'content-type': 'application/json' }), 'content-length': length, ...traceparent };
    const call = this.#send('POST', `${this.#model}/infer`, headers, MAX_PAYLOAD_BYTES, (result) => done('status' in result ? answered(result) : result));
    let taken = false;
    // After a call that broke off the kernel may still hold the buffer: it is left to the garbage collector.
    const release = (whole: boolean): void => {
      if (taken) return;
      taken = true;
      if (whole) this.#buffers.give(buffer);
      else this.#buffers.forget();
    };
    call.on('finish', () => release(true));
    call.on('close', () => release(false));
    call.end(buffer.subarray(0, length));
    return undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const call of this.#open) call.destroy();
    this.#agent.destroy();
  }

  async #get(path: string): Promise<Reply> {
    const reply = await this.#ask(path);
    if (reply.status !== 200) throw new CallError(failureOf(reply));
    return reply;
  }

  #ask(path: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#send('GET', path, {}, MAX_FACTS_BYTES, (result) => ('status' in result ? resolve(result) : reject(new CallError(result)))).end();
    });
  }

  /** `done` is told exactly once. */
  #send(method: string, path: string, headers: Readonly<Record<string, string | number>>, maxBytes: number, done: (result: Reply | CallFailure) => void): ClientRequest {
    const { host, port, tls } = this.#address;
    const call = (tls ? requestTls : requestPlain)({ host, port, method, path, agent: this.#agent, headers: { accept: 'application/json', ...headers } });
    let over = false;
    const finish = (result: Reply | CallFailure): void => {
      if (over) return;
      over = true;
      done(result);
    };
    this.#open.add(call);
    call.on('error', (error) => finish({ kind: 'gone', code: 'closed', message: connectionFailure(error) }));
    call.on('response', (response) => collect(response, maxBytes, finish));
    call.on('close', () => {
      this.#open.delete(call);
      finish({ kind: 'gone', code: 'closed', message: 'the connection ended before the answer' });
    });
    return call;
  }
}

function collect(response: IncomingMessage, maxBytes: number, finish: (result: Reply | CallFailure) => void): void {
  const answer = new MessageBuffer(maxBytes);
  response.on('data', (chunk: Buffer) => {
    try {
      answer.push(chunk);
    } catch (thrown) {
      finish(badAnswer(thrown));
      response.destroy();
    }
  });
  response.on('end', () => {
    const body = answer.body();
    const said = response.headers[JSON_LENGTH];
    const { location } = response.headers;
    finish({ status: response.statusCode ?? 0, body, jsonLength: said === undefined ? body.length : Number(said), ...(location !== undefined && { location }) });
  });
  response.on('error', (error) => finish({ kind: 'gone', code: 'closed', message: connectionFailure(error) }));
}

function answered(reply: Reply): Answered | CallFailure {
  if (reply.status !== 200) return failureOf(reply);
  try {
    return decodeBody(reply.body, reply.jsonLength);
  } catch (thrown) {
    return badAnswer(thrown);
  }
}

function failureOf({ status, body, location }: Reply): CallFailure {
  const said = location === undefined ? errorText(body) : `it points to ${location}; where it points is not followed`;
  return { kind: GONE.has(status) ? 'gone' : 'refused', code: `http_${status}`, message: `HTTP ${status}${said === '' ? '' : `: ${shorten(said)}`}` };
}
