import type { Socket } from 'node:net';
import type { Clock } from '../domain/clock.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Meter } from '../domain/meter.ts';
import { RefusedCount } from '../protocols/refused-count.ts';
import { type ErrorReply, errorReply, type Refusal } from './error-reply.ts';
import type { Exchange, Reply } from './exchange/exchange.ts';
import { linger, refuseUnread } from './exchange/refuse-unread.ts';

/** How a protocol tells refusals of requests for a path, and for whatever lies below it. */
export interface Refusing {
  readonly path: string;
  readonly reply: ErrorReply;
}

/** What may follow a path that is meant. */
const ENDS: ReadonlySet<string | undefined> = new Set(['/', '?', undefined]);

/** Answers requests that will not be served, each in the shape of its protocol, and counts them by code. */
export class Refusals {
  readonly #refusing: readonly Refusing[];
  readonly #clock: Clock;
  readonly #refused: RefusedCount;

  /** What lies below no path of `refusing` is of the native API. */
  constructor(clock: Clock, meter: Meter, refusing: readonly Refusing[] = []) {
    this.#refusing = refusing;
    this.#clock = clock;
    this.#refused = new RefusedCount(meter);
  }

  /**
   * Answers whether or not the request's body has been read. What is left of a small body is thrown away and the
   * connection goes on; behind a large one, or one of unknown length, and where `close` is asked for, it ends. Does
   * nothing where an answer has already begun.
   */
  refuse(exchange: Exchange, refusal: Refusal, close = false): void {
    if (exchange.answered) return;
    this.count(refusal.code);
    refuseUnread(exchange, this.#clock, this.reply(exchange.target, refusal, exchange.requestId, close));
  }

  /** The answer to whoever asks for this target; it is not counted. */
  reply(target: string, ...told: Parameters<ErrorReply>): Reply {
    const found = this.#refusing.find(({ path }) => target.startsWith(path) && ENDS.has(target[path.length]));
    return (found?.reply ?? errorReply)(...told);
  }

  count(code: ErrorCode): void {
    this.#refused.add(code);
  }

  /** Cuts a connection that has had its last answer, once the client has closed its side too or a second is over. */
  linger(socket: Socket): void {
    linger(socket, this.#clock);
  }
}
