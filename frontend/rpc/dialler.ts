import { createConnection } from 'node:net';
import type { ExpectedReplica, ReplicaDialler, ReplicaWatcher } from '../domain/runtime.ts';
import type { AdmissionOptions } from './admission.ts';
import { Admission } from './admission.ts';
import type { HandshakeOptions } from './handshake.ts';
import { awaitHello } from './handshake.ts';

export type Address = { readonly path: string } | { readonly host: string; readonly port: number };

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** `unix:/path` or `tcp://127.0.0.1:port`; a string says what is wrong. Off loopback there is no TLS yet, and so no dialling. */
export function readAddress(address: string): Address | string {
  if (address.startsWith('unix:/')) return { path: address.slice('unix:'.length) };
  const tcp = /^tcp:\/\/(\[[0-9a-f:]+\]|[a-z0-9.-]+):(\d{1,5})$/.exec(address);
  const [, host = '', digits = ''] = tcp ?? [];
  const port = Number(digits);
  if (tcp === null || port < 1 || port > 65535) return `"${address}" is neither unix:/path nor tcp://host:port`;
  if (!LOOPBACK.has(host)) return `"${address}" is not on loopback; containers are dialled on this machine only`;
  return { host: host.replaceAll(/[[\]]/g, ''), port };
}

/**
 * Dials containers that listen. Each call is one try: whoever runs the replica decides whether and when the next is made.
 * The container says hello first, as everywhere; a token is not asked for, as it is we who chose whom to call.
 */
export class FrameDialler implements ReplicaDialler {
  readonly #options: AdmissionOptions & HandshakeOptions;

  constructor(options: AdmissionOptions & HandshakeOptions) {
    this.#options = options;
  }

  dial(address: string, expected: ExpectedReplica, watcher: ReplicaWatcher): { close(why: string): void } {
    const target = readAddress(address);
    if (typeof target === 'string') {
      queueMicrotask(() => watcher.ended({ message: target }));
      return { close: () => {} };
    }
    const admission = new Admission(expected, watcher, { ...this.#options, unix: 'path' in target });
    let why = 'the connection ended';
    const socket = createConnection({ ...target, noDelay: true });
    const connection = awaitHello(socket, this.#options, {
      hello: (from, hello) => {
        admission.admit(from, hello);
        if (hello.watchdog !== undefined && from.open) this.#dialWatchdog(hello.watchdog, target, admission);
      },
      failed: (reason) => (why = reason),
    });
    // After `closed` of the link, which comes with the same event: this listener was added later.
    socket.on('close', () => {
      admission.close(why);
      watcher.ended({ message: `${address}: ${why}` });
    });
    return {
      close: (reason) => {
        why = reason;
        connection.destroy(reason);
      },
    };
  }

  /** Without its watchdog the replica serves all the same; a dead one is then known only by its batches. */
  #dialWatchdog(said: string, worker: Address, admission: Admission): void {
    const target = readAddress('host' in worker ? said.replace(/^tcp:\/\/:/, `tcp://${formatHost(worker.host)}:`) : said);
    if (typeof target === 'string' || 'host' in target !== 'host' in worker) return;
    awaitHello(createConnection({ ...target, noDelay: true }), this.#options, {
      hello: (from, hello) => {
        if (hello.role === 'watchdog') admission.admit(from, hello);
        else from.close({ code: 'wrong_role', message: 'a watchdog was dialled' });
      },
      failed: () => {},
    });
  }
}

function formatHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
