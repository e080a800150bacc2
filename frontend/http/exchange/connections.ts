import type { Socket } from 'node:net';
import type { Clock } from '../../domain/clock.ts';
import type { Connection } from './exchange.ts';
import { part } from './part.ts';

/**
 * Milliseconds between two looks whether a client that closed its side still listens. To the first, most queries are
 * answered; the second write is the one that fails, as the first only makes a dead client's machine say so.
 */
const PROBE_AFTER_MS: readonly number[] = Object.freeze([10, 2, 4, 8, 16, 32, 64, 128, 256, 512]);

/**
 * All sockets of the door, and when their clients leave.
 *
 * A client that closes its connection and one that only closes its sending side (and waits for its answers, as it may)
 * look the same: the stream ends. So requests that came whole are kept, and the client is sent interim answers
 * (102 Processing, which HTTP/1.1 clients have to skip, RFC 9110 §15.2): one that has gone resets the connection, and
 * then its requests are told to leave.
 */
export class Connections {
  readonly #clock: Clock;
  readonly #onFirst: () => void;
  readonly #bySocket = new Map<Socket, Connection>();
  #whenNone: (() => void)[] = [];

  /** `onFirst`: a socket came, and there was none. */
  constructor(clock: Clock, onFirst: () => void = () => undefined) {
    this.#clock = clock;
    this.#onFirst = onFirst;
  }

  get sockets(): Iterable<Socket> {
    return this.#bySocket.keys();
  }

  /** Resolves once every socket has closed. */
  allClosed(): Promise<void> {
    if (this.#bySocket.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenNone.push(resolve));
  }

  /** Ends those on which nothing was ever asked: node counts them neither as idle nor as busy, and would wait for them. */
  closeUnasked(): void {
    for (const { socket, latest } of this.#bySocket.values()) if (latest === undefined) socket.destroy();
  }

  /** What is known of a socket; of one that did not come by the door's port it is not kept. */
  find(socket: Socket): Connection {
    return this.#bySocket.get(socket) ?? { socket, open: [], latest: undefined, takeBackProbe: () => {}, failed: false };
  }

  /** The same, kept until the socket closes. */
  of(socket: Socket): Connection {
    const connection = this.find(socket);
    if (socket.destroyed || this.#bySocket.has(socket)) return connection;
    this.#bySocket.set(socket, connection);
    // By it node:http and the lane end a connection.
    socket.destroySoon = () => part(socket, this.#clock);
    if (this.#bySocket.size === 1) this.#onFirst();
    socket.once('end', () => this.#probe(connection, 0));
    socket.once('close', () => {
      this.#bySocket.delete(socket);
      connection.takeBackProbe();
      for (const request of [...connection.open]) request.leave();
      if (this.#bySocket.size === 0) for (const resolve of this.#whenNone.splice(0)) resolve();
    });
    return connection;
  }

  #probe(connection: Connection, tries: number): void {
    const afterMs = PROBE_AFTER_MS[tries];
    if (connection.open.length === 0 || afterMs === undefined) return;
    connection.takeBackProbe = this.#clock.wakeAt(this.#clock.now() + afterMs * 1000, () => {
      const first = connection.open[0];
      if (first === undefined) return;
      first.exchange.probe();
      this.#probe(connection, tries + 1);
    });
  }
}
