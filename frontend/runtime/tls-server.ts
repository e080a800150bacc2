import type { Socket } from 'node:net';
import type { Server, TLSSocket, TlsOptions } from 'node:tls';
import type { DoorCertificate, DoorTls } from '../domain/door-tls.ts';

/** What a server of a door is made with. `handshakeMs`: how long a client may take to greet. */
export function tlsOptions(tls: DoorTls, handshakeMs: number): TlsOptions {
  return { ...secureContext(tls.current()), requestCert: tls.clientAuth !== 'none', rejectUnauthorized: tls.clientAuth === 'require', handshakeTimeout: handshakeMs };
}

/**
 * Watches over a server that was made with these options: it shows each new certificate to whoever greets from then on, and
 * connections that are there go on; a client that shows a certificate of nobody's is cut off even where it need show none.
 */
export class TlsGuard {
  /** Connections whose client has not greeted yet, by where they come from: the server knows them, HTTP does not. */
  readonly #greeting = new Map<string, Socket>();

  constructor(server: Server, tls: DoorTls) {
    tls.follow((certificate) => server.setSecureContext(secureContext(certificate)));
    server.on('connection', (socket: Socket) => {
      const from = fromOf(socket);
      this.#greeting.set(from, socket);
      socket.once('close', () => {
        if (this.#greeting.get(from) === socket) this.#greeting.delete(from);
      });
    });
    server.prependListener('secureConnection', (socket: TLSSocket) => {
      this.#greeting.delete(fromOf(socket));
      if (tls.clientAuth === 'request' && !socket.authorized && showsCertificate(socket)) socket.destroy();
    });
  }

  /** Clients that have not greeted yet. */
  get greeting(): number {
    return this.#greeting.size;
  }

  /** Waits for them no longer. */
  closeGreeting(): void {
    for (const socket of this.#greeting.values()) socket.destroy();
  }
}

function secureContext({ cert, key, ca }: DoorCertificate): TlsOptions {
  return { cert, key, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) };
}

function fromOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}

function showsCertificate(socket: TLSSocket): boolean {
  return Object.keys(socket.getPeerCertificate()).length > 0;
}
