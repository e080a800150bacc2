import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { Hello } from '../../protos/wire.ts';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../domain/log.ts';
import type { ExpectedReplica, ReplicaDoor, ReplicaTicket, ReplicaWatcher } from '../domain/runtime.ts';
import type { AdmissionOptions } from './admission.ts';
import { Admission } from './admission.ts';
import type { Connection } from './connection.ts';
import { awaitHello } from './handshake.ts';
import type { SocketPlace } from './socket-folder.ts';
import { openSocketPlace } from './socket-folder.ts';

export interface ListenerOptions extends AdmissionOptions {
  /** Folder for the socket; it becomes the user's own (0700). */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly handshakeTimeoutMs: number;
  /** Connections at a time, those before the hello included; what comes past it is closed unread. */
  readonly maxConnections: number;
  /** The socket that is used of one that has come in. What its `data` gives need not outlive the listener. */
  readonly adopt: (accepted: Socket) => Socket;
}

interface Ticket {
  readonly token: Buffer;
  readonly admission: Admission;
  readonly watcher: ReplicaWatcher;
  pid: number | undefined;
}

/** Tokens that are known for those of replicas which ended: more than may end while one of their connections is on its way. */
const MOST_ENDED = 1024;

/** Where the containers that this broker started come in: a Unix socket, and a token for each life. */
export class ReplicaListener implements ReplicaDoor {
  readonly address: string;
  readonly #options: ListenerOptions;
  readonly #place: SocketPlace;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  /** By the digest of the token: how long a search takes tells nothing of the token itself. */
  readonly #tickets = new Map<string, Ticket>();
  /** By digest too: what still comes of them, as a watchdog of one that was scaled away when it had just come, is late, and no stranger. */
  readonly #ended = new Set<string>();

  private constructor(options: ListenerOptions, place: SocketPlace) {
    this.#options = options;
    this.#place = place;
    this.address = `unix:${place.path}`;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(options.adopt(socket)));
    this.#server.maxConnections = options.maxConnections;
  }

  /** Listens; throws where the folder cannot be used. */
  static async open(options: ListenerOptions): Promise<ReplicaListener> {
    const listener = new ReplicaListener(options, await openSocketPlace(options.folder));
    listener.#server.listen(listener.#place.path);
    await once(listener.#server, 'listening');
    return listener;
  }

  expect(expected: ExpectedReplica, watcher: ReplicaWatcher): ReplicaTicket {
    const token = randomBytes(32).toString('base64url');
    const admission = new Admission(expected, watcher, { ...this.#options, unix: true });
    const ticket: Ticket = { token: Buffer.from(token), admission, watcher, pid: undefined };
    const key = digest(token);
    this.#tickets.set(key, ticket);
    return {
      token,
      heldBy: (pid) => void (ticket.pid = pid),
      get connected() {
        return admission.connected;
      },
      close: (why) => {
        if (this.#tickets.delete(key)) this.#noteEnded(key);
        admission.close(why);
      },
    };
  }

  /** Cuts every connection and removes the socket. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#connections) connection.destroy('the broker closes');
    await closed;
    this.#place.remove();
  }

  #accept(socket: Socket): void {
    const { clock, handshakeTimeoutMs } = this.#options;
    const connection = awaitHello(socket, { clock, timeoutMs: handshakeTimeoutMs }, {
      hello: (from, hello) => this.#greet(from, hello),
      failed: (why) => this.#options.log.debug({ why }, 'a connection to the replica socket ended before its hello'),
    });
    this.#connections.add(connection);
    socket.on('close', () => this.#connections.delete(connection));
  }

  #greet(connection: Connection, hello: Hello): void {
    const ticket = this.#ticketFor(hello.token ?? '');
    if (ticket !== undefined) return ticket.admission.admit(connection, hello);
    if (this.#ended.has(digest(hello.token ?? ''))) return connection.close({ code: 'bad_token', message: 'its replica has ended' });
    const refusal = { code: 'bad_token', message: 'its token is not that of a replica that was started here' };
    connection.close(refusal);
    this.#options.log.warn({ model: hello.model, version: hello.version, pid: hello.pid }, `refused a container: ${refusal.message}`);
    for (const other of this.#tickets.values()) if (other.pid === hello.pid) other.watcher.noted(refusal);
  }

  #noteEnded(key: string): void {
    this.#ended.add(key);
    if (this.#ended.size <= MOST_ENDED) return;
    for (const oldest of this.#ended) {
      this.#ended.delete(oldest);
      return;
    }
  }

  #ticketFor(token: string): Ticket | undefined {
    const ticket = this.#tickets.get(digest(token));
    const said = Buffer.from(token);
    return ticket !== undefined && said.length === ticket.token.length && timingSafeEqual(said, ticket.token) ? ticket : undefined;
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
