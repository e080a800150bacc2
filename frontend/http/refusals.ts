import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../domain/clock.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Cell, Meter } from '../domain/meter.ts';
import { errorBody, errorHead, type Refusal } from './error-reply.ts';

/** So much of an unread body is read and thrown away to keep a connection; past it the connection ends. */
const MAX_DISCARDED_BYTES = 256 * 1024;
/** How long a client that still sends is listened to after its last answer. */
const LINGER_MICROS = 1_000_000;

/** A request as a refusal needs it. */
export interface Refused {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
}

/** Answers requests that will not be served, and counts them by code. */
export class Refusals {
  readonly #clock: Clock;
  readonly #meter: Meter;
  readonly #cells = new Map<ErrorCode, Cell>();

  constructor(clock: Clock, meter: Meter) {
    this.#clock = clock;
    this.#meter = meter;
  }

  /**
   * Answers whether or not the request's body has been read. What is left of a small body is thrown away and the
   * connection goes on; behind a large one, or one of unknown length, and where `close` is asked for, it ends. Does
   * nothing where an answer has already begun.
   */
  refuse({ request, response, requestId }: Refused, refusal: Refusal, close = false): void {
    if (response.headersSent || response.destroyed) return;
    this.count(refusal.code);
    const body = errorBody(refusal, requestId);
    const { status, headers } = errorHead(refusal, body, requestId);
    const unread = !request.complete && (close || isLargeOrUnknown(request));
    if (unread || close) headers.push('connection', 'close');
    response.writeHead(status, headers);
    if (unread) this.#endBeforeBody(request, response, body);
    else response.end(body);
  }

  count(code: ErrorCode): void {
    let cell = this.#cells.get(code);
    if (cell === undefined) {
      cell = this.#meter.cell('tradewind_refused_total', { code });
      this.#cells.set(code, cell);
    }
    this.#meter.add(cell, 1);
  }

  /** Cuts a connection that has had its last answer, once the client has closed its side too or a second is over. */
  linger(socket: IncomingMessage['socket']): void {
    const takeBack = this.#clock.wakeAt(this.#clock.now() + LINGER_MICROS, () => socket.destroy());
    socket.once('close', takeBack);
  }

  /**
   * The answer goes out whole and our side of the connection is closed; the client's is read on, and what comes is thrown
   * away, until it closes too. Closing both at once would reset the connection, and the client might never see its answer.
   */
  #endBeforeBody(request: IncomingMessage, response: ServerResponse, body: string): void {
    // To HEAD node writes no body, and without one it would keep the head back.
    if (request.method === 'HEAD') response.flushHeaders();
    else response.write(body);
    request.resume();
    // An answer that is queued behind others has no socket yet: the connection ends in its turn, and its last second, which
    // would cut off the answers before it, begins then.
    if (response.socket === null) {
      response.once('finish', () => this.linger(request.socket));
      response.end();
      return;
    }
    response.socket.end();
    this.linger(request.socket);
  }
}

function isLargeOrUnknown(request: IncomingMessage): boolean {
  if (request.headers['transfer-encoding'] !== undefined) return true;
  return Number(request.headers['content-length'] ?? 0) > MAX_DISCARDED_BYTES;
}
