import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { DoorTls } from '../domain/door-tls.ts';
import { TlsGuard, tlsOptions } from '../runtime/tls-server.ts';

/** A server of HTTP/1.1, in the clear or over TLS; of the latter, who watches over its greetings. */
export interface OpenedServer {
  readonly server: Server;
  readonly guard: TlsGuard | undefined;
}

export function openServer(options: ServerOptions, tls: DoorTls | undefined): OpenedServer {
  if (tls === undefined) return { server: createServer(options), guard: undefined };
  const server = createSecureServer({ ...options, ...tlsOptions(tls, options.headersTimeout ?? 0) });
  return { server, guard: new TlsGuard(server, tls) };
}
