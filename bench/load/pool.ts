import { Connection, type UnderWay } from './connection.ts';
import type { RequestSource } from './request-source.ts';

/** Attempts to connect that may fail one after another before the run is given up. */
const MAX_FAILURES = 20;

export interface PoolEvents {
  /** A request is answered, and its connection free again. */
  answered(request: UnderWay, status: number, body: Buffer): void;
  /** A connection is free, for the first time or anew. */
  free(): void;
  lost(request: UnderWay, why: string): void;
  /** The server takes no connections. */
  broken(why: string): void;
}

/** A bounded set of keep-alive connections, opened as they are needed; so is one anew that has ended. */
export class Pool {
  readonly #to: { host: string; port: number };
  readonly #size: number;
  readonly #events: PoolEvents;
  readonly #all = new Set<Connection>();
  /** The one freed last is used first, so that few are hot and none is asked after the server timed it out. */
  readonly #idle: Connection[] = [];
  #failures = 0;
  #underWay = 0;
  #unsolicited = 0;

  constructor(url: string, size: number, events: PoolEvents) {
    const { hostname, port } = new URL(url);
    this.#to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? 80 : port) };
    this.#size = size;
    this.#events = events;
  }

  /** Opens so many beforehand, all unless given; rejects where the first try of one fails. */
  async open(count: number = this.#size): Promise<void> {
    const opened: Promise<void>[] = [];
    for (let i = 0; i < Math.min(count, this.#size); i++) {
      opened.push(new Promise((resolve, reject) => this.#connect(resolve, reject)));
    }
    await Promise.all(opened);
  }

  get underWay(): number {
    return this.#underWay;
  }

  get unsolicited(): number {
    return this.#unsolicited;
  }

  /** Sends this request of the source on a free connection; false, and the source is not asked, where there is none. */
  send(request: UnderWay, source: Pick<RequestSource, 'next'>): boolean {
    const connection = this.#free();
    if (connection === undefined) return false;
    this.#underWay++;
    connection.send(request, source.next(request.sequence));
    return true;
  }

  close(): void {
    for (const connection of this.#all) connection.close();
    this.#all.clear();
    this.#idle.length = 0;
  }

  #free(): Connection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) break;
      if (connection.idle) return connection;
    }
    return this.#all.size < this.#size ? this.#add() : undefined;
  }

  #connect(opened: () => void, failed: (error: Error) => void): void {
    const connection = this.#add(opened, failed);
    this.#idle.push(connection);
  }

  #add(opened: () => void = () => undefined, failed: (error: Error) => void = () => undefined): Connection {
    const connection = new Connection(this.#to, {
      answered: (from, request, status, body) => {
        this.#failures = 0;
        this.#underWay--;
        this.#idle.push(from);
        this.#events.answered(request, status, body);
        this.#events.free();
      },
      unsolicited: () => { this.#unsolicited++; },
      ended: (from, request, why) => {
        this.#all.delete(from);
        failed(new Error(`cannot connect to ${this.#to.host}:${this.#to.port}: ${why}`));
        this.#ended(request, why);
      },
    }, opened);
    this.#all.add(connection);
    return connection;
  }

  #ended(request: UnderWay | undefined, why: string): void {
    if (request !== undefined) {
      this.#underWay--;
      this.#events.lost(request, why);
    }
    if (++this.#failures > MAX_FAILURES + this.#size) this.#events.broken(`connections to the server end without an answer: ${why}`);
    else this.#events.free();
  }
}
