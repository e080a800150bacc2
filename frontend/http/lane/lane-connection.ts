import type { Socket } from 'node:net';
import type { ErrorCode } from '../../domain/errors.ts';
import { ownReads } from '../../runtime/shared-reads.ts';
import type { Connection } from '../exchange/exchange.ts';
import type { RequestIds } from '../exchange/request-id.ts';
import { type HeadJudge, type HeadLimits, KnownHeads } from './known-heads.ts';
import { LaneExchange } from './lane-exchange.ts';
import type { ReplyBytes } from './reply-bytes.ts';
import { Turns, type TurnsOwner } from './turns.ts';

const CAPITAL_P = 0x50;

/** What all connections of a lane share. */
export interface LaneRules {
  readonly judge: HeadJudge;
  readonly requestIds: RequestIds;
  readonly replies: ReplyBytes;
  readonly limits: HeadLimits;
  /** Looks at connections that there have been: their clock. */
  readonly looks: () => number;
  /** So many looks may pass … */
  readonly patience: LanePatience;
  readonly stallMs: number;
  /** The door closes: a connection that is waited for no more ends. */
  readonly closing: () => boolean;
  /** The connection is not the lane's any more: node:http goes on, with the bytes that are back in the socket. */
  readonly handOver: (from: LaneConnection) => void;
  /** The client broke off, or was too slow: it gets a last answer. */
  readonly cut: (connection: Connection, code: ErrorCode) => void;
}

/** In looks. */
export interface LanePatience {
  /** From the connection's beginning to its first bytes. */
  readonly first: number;
  /** From one request to the next. */
  readonly next: number;
  /** From a request's head to the end of its body. */
  readonly request: number;
  /** From one piece of a body to the next. */
  readonly stall: number;
}

/**
 * One connection in the lane. What it reads belongs to a body, or is a whole head that the lane takes; at the first bytes that
 * are neither it leaves, as soon as the answers before them are out, and they are left in the socket as they came.
 *
 *     open → leaving (bytes of node:http wait for the answers before them) → handed over
 *          ↘ ending (the last answer is given: what still comes is thrown away)
 */
export class LaneConnection implements TurnsOwner {
  readonly socket: Socket;
  readonly #connection: Connection;
  readonly #rules: LaneRules;
  readonly #heads: KnownHeads;
  #state: 'open' | 'leaving' | 'ending' = 'open';
  readonly #turns: Turns;
  /** Its body is still coming, and so many bytes of it. */
  #reading: LaneExchange | undefined;
  #toCome = 0;
  #clientEnded = false;
  /** The last look at which something moved; the one at which the request began that is being read. */
  #movedAt: number;
  #beganAt = 0;
  /** Bytes of answers wait for the client to read; the socket's own timer runs. */
  #watched = false;

  constructor(connection: Connection, rules: LaneRules) {
    this.socket = connection.socket;
    this.#connection = connection;
    this.#rules = rules;
    this.#heads = new KnownHeads(rules.judge, rules.limits);
    this.#movedAt = rules.looks();
    const { socket } = this;
    this.#turns = new Turns(socket, rules.replies, this);
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    socket.on('timeout', this.#onStall);
    // What becomes of an error is that the connection closes.
    socket.on('error', ignore);
  }

  /** Nothing was asked, or everything that was is answered. */
  get idle(): boolean {
    return this.#state === 'open' && this.#turns.unanswered === 0 && this.#reading === undefined && this.socket.writableLength === 0;
  }

  wrote(last: boolean): void {
    this.#movedAt = this.#rules.looks();
    if (last) this.#state = 'ending';
  }

  caughtUp(): void {
    const { socket } = this;
    if (this.#state === 'leaving') {
      this.#handOver();
    } else if (this.#clientEnded || this.#rules.closing()) {
      this.#state = 'ending';
      socket.destroySoon();
    } else if (socket.isPaused() && !socket.writableNeedDrain) {
      socket.resume();
    }
  }

  /** A look at whether somebody is waited for too long. */
  look(): void {
    const { socket } = this;
    const { looks, patience, cut, stallMs } = this.#rules;
    // The socket's own timer sees bytes move that are part of one large answer.
    if (socket.writableLength > 0 !== this.#watched) {
      this.#watched = !this.#watched;
      socket.setTimeout(this.#watched ? stallMs : 0);
    }
    if (this.#watched || this.#state !== 'open') return;
    const still = looks() - this.#movedAt;
    if (this.#reading !== undefined) {
      if (looks() - this.#beganAt > patience.request) cut(this.#connection, 'request_timeout');
      else if (still > patience.stall) socket.destroy();
    } else if (this.#turns.unanswered > 0) {
      return;
    } else if (this.#connection.latest === undefined) {
      if (still <= patience.first) return;
      this.#state = 'ending';
      cut(this.#connection, 'request_timeout');
    } else if (still > patience.next) {
      socket.destroy();
    }
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#movedAt = this.#rules.looks();
    let at = 0;
    while (at < chunk.length && this.#state === 'open') {
      const next = this.#reading === undefined ? this.#begin(chunk, at) : this.#body(this.#reading, chunk, at);
      if (next < 0) return this.#leave(at === 0 ? chunk : chunk.subarray(at));
      at = next;
    }
    const { socket } = this;
    if (this.#state === 'open' && this.#turns.heldBytes + socket.writableLength >= socket.writableHighWaterMark) socket.pause();
  };

  readonly #onEnd = (): void => {
    this.#clientEnded = true;
    if (this.#state === 'ending') return;
    if (this.#reading !== undefined) this.#rules.cut(this.#connection, 'malformed_request');
    else if (this.#turns.unanswered === 0) this.socket.end();
  };

  readonly #onDrain = (): void => {
    if (this.#state === 'open') this.socket.resume();
  };

  readonly #onStall = (): void => {
    if (this.#connection.open.every(({ state }) => state === 'body')) this.socket.destroy();
  };

  /** Begins the request whose head is at `at`; where its body begins, or -1 where the bytes are not the lane's. */
  #begin(chunk: Buffer, at: number): number {
    if (chunk[at] !== CAPITAL_P) return -1;
    const head = this.#heads.read(chunk, at);
    if (head === undefined) return -1;
    const { path, take } = head;
    const { headers, bodyBytes } = this.#heads;
    const requestId = this.#rules.requestIds.idFor(headers['x-request-id']);
    const exchange = new LaneExchange({ connection: this.#connection, target: path, headers, bodyBytes, requestId, writer: this.#turns });
    this.#turns.add(exchange);
    this.#connection.latest = exchange;
    this.#reading = exchange;
    this.#toCome = bodyBytes;
    this.#beganAt = this.#movedAt;
    take(exchange);
    if (this.#toCome === 0) this.#whole(exchange);
    return this.#heads.bodyAt;
  }

  #body(exchange: LaneExchange, chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#toCome);
    this.#toCome -= end - at;
    exchange.sink?.piece(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
    if (this.#toCome === 0) this.#whole(exchange);
    return end;
  }

  #whole(exchange: LaneExchange): void {
    this.#reading = undefined;
    exchange.whole = true;
    exchange.sink?.end();
  }

  /** The bytes are node:http's. */
  #leave(bytes: Buffer): void {
    this.#state = 'leaving';
    this.socket.pause();
    // The next read goes to where they lie.
    this.socket.unshift(Buffer.from(bytes));
    if (this.#turns.unanswered === 0) this.#handOver();
  }

  #handOver(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('drain', this.#onDrain);
    socket.off('error', ignore);
    socket.off('timeout', this.#onStall);
    ownReads(socket);
    this.#rules.handOver(this);
    socket.resume();
  }
}

function ignore(): void {}
