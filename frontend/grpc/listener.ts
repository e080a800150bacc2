import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import type { DoorTls } from '../domain/door-tls.ts';
import { inAddress, type Listening } from '../domain/listening.ts';
import { listenOnSocketFile, type SocketFile } from '../runtime/socket-file.ts';
import { TlsGuard, tlsOptions } from '../runtime/tls-server.ts';

/** How long a client may take to greet. */
const GREETING_MS = 10_000;

export interface GrpcListenerOptions {
  /** Most connections at a time; further ones are closed as they come. */
  readonly connections: number;
  /** Without: in the clear. */
  readonly tls: DoorTls | undefined;
  /** Whose connections are from now on. */
  readonly take: (socket: Socket) => void;
}

/**
 * Takes the connections of the gRPC door and gives them to its server, once they have greeted where there is TLS. The library
 * would listen by itself, but neither renews certificates while it does, nor bounds connections, nor knows modes of sockets.
 */
export class GrpcListener {
  readonly #server: Server;
  readonly #guard: TlsGuard | undefined;

  constructor({ connections, tls, take }: GrpcListenerOptions) {
    if (tls === undefined) {
      this.#server = createServer({ noDelay: true }, take);
    } else {
      // gRPC is HTTP/2, and nothing else (RFC 9113, section 3.2).
      const server = createSecureServer({ ...tlsOptions(tls, GREETING_MS), ALPNProtocols: ['h2'] }, (socket) => {
        socket.setNoDelay(true);
        // What becomes of an error is that the connection closes.
        socket.on('error', () => {});
        if (!socket.destroyed) take(socket);
      });
      this.#guard = new TlsGuard(server, tls);
      this.#server = server;
    }
    this.#server.maxConnections = connections;
  }

  /** Connections that are open, those that have not greeted yet among them. */
  get connections(): Promise<number> {
    return new Promise((resolve, reject) => this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))));
  }

  /** Rejects as `net.Server.listen` does. */
  async listen(at: { readonly host: string; readonly port: number } | SocketFile): Promise<Listening> {
    if ('path' in at) {
      await listenOnSocketFile(at, () => this.#listen({ path: at.path }));
      return { url: `unix:${at.path}`, port: 0 };
    }
    await this.#listen({ host: at.host, port: at.port });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error(`listening on ${String(address)}, not on a port`);
    return { url: `${inAddress(address.address)}:${address.port}`, port: address.port };
  }

  /** Takes no more. Connections that are there go on; resolves once the last of them has closed. */
  close(): Promise<void> {
    this.#guard?.closeGreeting();
    // Where it never listened there is nothing to wait for either.
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #listen(at: { readonly path: string } | { readonly host: string; readonly port: number }): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(at, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }
}
