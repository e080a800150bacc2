import { status } from '@grpc/grpc-js';
import { readHealthRequest, writeHealthResponse, type Serving } from '../../protos/health.ts';
import type { GrpcService } from './service.ts';
import type { StreamCall } from './stream-call.ts';

export interface HealthSource {
  /** Whether queries may be sent to the broker, as `/readyz` has it, and no stop is under way. */
  readonly serving: () => boolean;
  /** Services that there are, by their full names. */
  readonly knows: (service: string) => boolean;
}

/** Watchers that wait at once; further ones are told to come again. */
const MOST_WATCHERS = 1024;

/**
 * `grpc.health.v1`: the broker as a whole under the empty name, and every service of the port under its own; all of them serve
 * together or not at all. Watchers are told when `changed` finds another state than before.
 */
export class Health {
  readonly #source: HealthSource;
  readonly #watching = new Map<StreamCall, { service: string; told: Serving | undefined }>();

  constructor(source: HealthSource) {
    this.#source = source;
  }

  get service(): GrpcService {
    return {
      name: 'grpc.health.v1.Health', proto: 'health.proto',
      methods: {
        Check: { kind: 'unary', handle: (call) => {
          const now = this.#now(readHealthRequest(call.message));
          if (now === 'service_unknown') call.fail({ code: status.NOT_FOUND, message: 'There is no such service.' });
          else call.answer(writeHealthResponse(now));
        } },
        Watch: { kind: 'stream', handle: (call) => this.#watch(call) },
      },
    };
  }

  /** Something may be otherwise than it was. */
  changed(): void {
    for (const [call, watcher] of this.#watching) {
      const now = this.#now(watcher.service);
      if (now === watcher.told) continue;
      watcher.told = now;
      call.send(writeHealthResponse(now));
    }
  }

  #watch(call: StreamCall): void {
    if (this.#watching.size >= MOST_WATCHERS) return call.fail({ code: status.RESOURCE_EXHAUSTED, message: `More than ${MOST_WATCHERS} watchers.` });
    call.watch({
      message: (message) => {
        this.#watching.set(call, { service: readHealthRequest(message), told: undefined });
        this.changed();
      },
      ended: () => {},
      gone: () => this.#watching.delete(call),
      drain: () => {
        this.changed();
        this.#watching.delete(call);
        call.end();
      },
    });
  }

  #now(service: string): Serving {
    if (service !== '' && !this.#source.knows(service)) return 'service_unknown';
    return this.#source.serving() ? 'serving' : 'not_serving';
  }
}
