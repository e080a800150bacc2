import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { bodyCoding, inflated, stopInflating } from './compression.ts';
import type { BodySink, Connection, Exchange, Reply } from './exchange.ts';
import type { RequestIds } from './request-id.ts';

export interface HttpExchangeParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection;
  /** Its id, or who makes it one when it is asked for. */
  readonly requestId: string | RequestIds;
}

/** An exchange that node:http carries. */
export class HttpExchange implements Exchange {
  readonly connection: Connection;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #requestId: string | RequestIds;
  /** The body as it inflates. */
  #inflating: Readable | undefined;

  constructor({ request, response, connection, requestId }: HttpExchangeParts) {
    this.connection = connection;
    this.#request = request;
    this.#response = response;
    this.#requestId = requestId;
  }

  get requestId(): string {
    if (typeof this.#requestId !== 'string') this.#requestId = this.#requestId.idFor(this.headers['x-request-id']);
    return this.#requestId;
  }
  get target(): string {
    return this.#request.url ?? '';
  }
  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }
  get bodyBytes(): number {
    return this.headers['transfer-encoding'] === undefined ? Number(this.headers['content-length'] ?? 0) : Number.POSITIVE_INFINITY;
  }
  get whole(): boolean {
    return this.#request.complete;
  }
  get answered(): boolean {
    return this.#response.headersSent || this.#response.destroyed;
  }
  get written(): boolean {
    return this.#response.writableFinished;
  }

  read({ piece, end, broken }: BodySink): void {
    const coding = bodyCoding(this.headers['content-encoding']);
    if (coding === 'gzip' || coding === 'deflate') this.#inflating = inflated(this.#request, coding).once('error', broken);
    const body = this.#inflating ?? this.#request;
    body.on('data', piece);
    body.on('end', end);
  }

  ignore({ piece, end, broken }: BodySink): void {
    const body = this.#inflating ?? this.#request;
    body.off('data', piece);
    body.off('end', end);
    if (this.#inflating === undefined) return;
    this.#inflating.off('error', broken).on('error', () => {});
    stopInflating(this.#request, this.#inflating);
  }

  answer(reply: Reply): void {
    const { body, bodyBytes, last } = reply;
    if (last) return this.#answerLast(reply, (socket) => socket.destroySoon());
    this.#writeHead(reply);
    this.#response.end(body, bodyBytes === body.length ? 'latin1' : 'utf8');
  }

  answerEarly(reply: Reply, ended: () => void): void {
    this.#answerLast(reply, (socket) => {
      socket.end();
      ended();
    });
  }

  probe(): void {
    const response = this.#response;
    // An answer that waits behind another's has no socket yet; HTTP/1.0 knows no interim answers.
    if (response.socket !== null && !response.headersSent && this.#request.httpVersionMinor > 0) response.writeProcessing();
  }

  whenWritten(then: () => void): void {
    this.#response.once('close', then);
  }

  /**
   * `end` closes our side of the connection, in its turn. Were the response ended, node would close both sides at once, and what the
   * client still sends would reset the connection with those answers that are not read yet; and a server that closes would take the
   * connection for an idle one before its answer is written.
   */
  #answerLast(reply: Reply, end: (socket: Socket) => void): void {
    const request = this.#request;
    const response = this.#response;
    this.#writeHead(reply);
    // To HEAD, and where there is none, node writes no body, and without one it would keep the head back.
    if (request.method === 'HEAD' || reply.bodyBytes === 0) response.flushHeaders();
    else response.write(reply.body);
    request.resume();
    if (response.socket !== null) return end(response.socket);
    // Behind others it has no socket yet, and says that there is one before it writes what waits.
    response.once('socket', (socket: Socket) => process.nextTick(end, socket));
  }

  #writeHead({ status, headers, last }: Reply): void {
    this.#response.writeHead(status, last ? [...headers, 'connection', 'close'] : headers as string[]);
  }
}
