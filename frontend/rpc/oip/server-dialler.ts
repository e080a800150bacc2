import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../../domain/clock.ts';
import type { OipContainer } from '../../domain/model.ts';
import type { ExpectedReplica, OipDialler, ReplicaWatcher } from '../../domain/runtime.ts';
import type { SendBuffers } from '../send-buffers.ts';
import { readOipAddress, type OipAddress } from './address.ts';
import { GrpcServer } from './grpc-server.ts';
import { HttpServer } from './http-server.ts';
import { ServerLife } from './server-life.ts';

export interface ServerDiallerOptions {
  readonly buffers: SendBuffers;
  readonly clock: Clock;
  /** How long a server may take to say what it serves. */
  readonly timeoutMs: number;
  /** How often it is asked whether it is ready. */
  readonly probeMs: number;
}

/**
 * Dials servers that speak the Open Inference Protocol v2. Each call is one try: whoever runs the replica decides whether
 * and when the next is made.
 */
export class ServerDialler implements OipDialler {
  readonly #options: ServerDiallerOptions;

  constructor(options: ServerDiallerOptions) {
    this.#options = options;
  }

  dial(address: string, container: OipContainer, expected: ExpectedReplica, watcher: ReplicaWatcher): { close(why: string): void } {
    const target = readTarget(address, container);
    if (typeof target === 'string') {
      queueMicrotask(() => watcher.ended({ message: target }));
      return { close: () => {} };
    }
    const { model, version, maxInFlight, unbatched } = container;
    const options = { model, version, maxInFlight, unbatched, ca: target.ca };
    const life = new ServerLife({
      ...this.#options, address, container, expected, watcher,
      open: (seen) => {
        const { buffers } = this.#options;
        return target.address.protocol === 'grpc' ? new GrpcServer(target.address, options, { buffers, watcher: seen }) : new HttpServer(target.address, options, buffers);
      },
    });
    return { close: (why) => life.end(why) };
  }
}

/** A string says why it cannot be dialled. The file is read anew for each try: certificates change. */
function readTarget(text: string, { caFile }: OipContainer): { readonly address: OipAddress; readonly ca: Buffer | undefined } | string {
  const address = readOipAddress(text);
  if (typeof address === 'string') return address;
  if (caFile === undefined) return { address, ca: undefined };
  try {
    const ca = readFileSync(caFile);
    createSecureContext({ ca });
    return { address, ca };
  } catch (thrown) {
    return `the certificates of ${caFile} cannot be used: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
}
