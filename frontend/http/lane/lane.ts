import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../domain/clock.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { sharedReads } from '../../runtime/shared-reads.ts';
import type { Connections } from '../exchange/connections.ts';
import type { Connection } from '../exchange/exchange.ts';
import type { RequestIds } from '../exchange/request-id.ts';
import type { Head } from './head.ts';
import type { KnownHead } from './known-heads.ts';
import { LaneConnection, type LaneRules } from './lane-connection.ts';
import { type LaneRoute, takerOf } from './lane-route.ts';
import { ReplyBytes } from './reply-bytes.ts';

/** Longer heads are not what programs send again and again. */
const MAX_HEAD_BYTES = 4096;
/** The time of day in answers is as old as the last look at most. */
const LONGEST_LOOK_MS = 1000;

/** Of the door's limits those that the lane keeps; what they mean stands with them. */
export interface LaneLimits {
  readonly bodyBytes: number;
  readonly headerBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly stallMs: number;
}

export interface LaneOptions {
  readonly clock: Clock;
  readonly connections: Connections;
  readonly limits: LaneLimits;
  readonly requestIds: RequestIds;
  /** Whether this Host is served. */
  readonly allows: (host: string | undefined) => boolean;
  /** The first that takes a request has it. */
  readonly routes: readonly LaneRoute[];
  /** A client that broke off within its request, or was too slow, gets its last answer. */
  readonly cut: (connection: Connection, code: ErrorCode) => void;
}

/**
 * A short way for the requests that nearly all are. It reads the bytes of plain connections itself, and serves a whole head
 * of one strict form (`readHead`) to one of its routes; anything else gives the connection, with every byte that was not
 * served, to node:http, for good. So one reader decides of each message, and the lane of none that could be read in two ways.
 *
 *     socket → lane: POST to one of the routes, in the strict form → the door → one write
 *                 ↘ whatever else → node:http
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #rules: LaneRules;
  readonly #replies: ReplyBytes;
  readonly #lookMicros: number;
  readonly #inLane = new Set<LaneConnection>();
  #looks = 0;
  #closing = false;
  #takeBackLook: (() => void) | undefined;
  #toNodeHttp: (socket: Socket) => void = () => {};

  constructor(options: LaneOptions) {
    const { limits, requestIds, cut } = options;
    const { headerBytes, headersTimeoutMs, keepAliveMs, requestTimeoutMs, stallMs, bodyBytes } = limits;
    const lookMs = Math.min(LONGEST_LOOK_MS, headersTimeoutMs / 4);
    const looksIn = (ms: number): number => Math.ceil(ms / lookMs);
    this.#options = options;
    this.#lookMicros = Math.ceil(lookMs * 1000);
    this.#replies = new ReplyBytes(keepAliveMs);
    this.#rules = {
      requestIds, cut, stallMs,
      judge: (head) => this.#judge(head),
      replies: this.#replies,
      limits: { headBytes: Math.min(MAX_HEAD_BYTES, headerBytes), bodyBytes },
      looks: () => this.#looks,
      closing: () => this.#closing,
      patience: { first: looksIn(headersTimeoutMs), next: looksIn(keepAliveMs), request: looksIn(requestTimeoutMs), stall: looksIn(stallMs) },
      handOver: (from) => {
        this.#forget(from);
        this.#toNodeHttp(from.socket);
      },
    };
  }

  /** Comes before what this server, one of plain sockets, does with a new connection. Once, before it listens. */
  watch(server: Server): void {
    const listeners = server.listeners('connection') as ((socket: Socket) => void)[];
    this.#toNodeHttp = (socket) => {
      for (const listener of listeners) listener.call(server, socket);
    };
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => this.#take(sharedReads(socket)));
  }

  /** Closes connections that ask nothing at the moment, and from now on those that have had their answers. */
  closeIdle(): void {
    this.#closing = true;
    for (const each of this.#inLane) if (each.idle) each.socket.destroy();
  }

  closeAll(): void {
    for (const { socket } of this.#inLane) socket.destroy();
  }

  #take(socket: Socket): void {
    const connection = this.#options.connections.of(socket);
    if (socket.destroyed) return;
    const taken = new LaneConnection(connection, this.#rules);
    this.#inLane.add(taken);
    socket.once('close', () => this.#forget(taken));
    if (this.#takeBackLook === undefined) this.#lookLater();
  }

  #forget(connection: LaneConnection): void {
    this.#inLane.delete(connection);
    if (this.#inLane.size > 0) return;
    this.#takeBackLook?.();
    this.#takeBackLook = undefined;
  }

  #judge({ path, headers }: Head): KnownHead | undefined {
    if (!this.#options.allows(headers.host)) return undefined;
    const take = takerOf(this.#options.routes, path, headers);
    return take === undefined ? undefined : { path, headers, take };
  }

  /** Only while there are connections: an idle door has no timer. */
  #lookLater(): void {
    const { clock } = this.#options;
    this.#replies.tick();
    this.#takeBackLook = clock.wakeAt(clock.now() + this.#lookMicros, () => {
      this.#looks++;
      this.#lookLater();
      for (const each of this.#inLane) each.look();
    });
  }
}
