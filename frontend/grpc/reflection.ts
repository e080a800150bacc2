import { fileURLToPath } from 'node:url';
import type { MethodDefinition, Server } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { WireError } from '../../protos/wire.ts';
import type { StreamCall } from './stream-call.ts';

type Handler = (call: unknown) => void;
interface Registered {
  readonly method: MethodDefinition<unknown, unknown>;
  readonly handle: Handler;
}

const NAMES = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];
export const REFLECTION_METHODS: readonly string[] = NAMES.map((name) => `/${name}/ServerReflectionInfo`);

/**
 * Server reflection, v1 and v1alpha: what `grpcurl` and its like ask. The files and the library are read at the first call,
 * so that a broker of which nobody asks does not pay for them at its start.
 */
export class Reflection {
  readonly #protos: readonly string[];
  #loaded: Promise<ReadonlyMap<string, Registered>> | undefined;

  /** `protos`: files below protos/. */
  constructor(protos: readonly string[]) {
    this.#protos = protos;
  }

  /** Serves one call of `path`; rejects where the files cannot be read. */
  async serve(path: string, call: StreamCall): Promise<void> {
    // Nothing is read from it before its handler listens.
    call.pause();
    const registered = (await (this.#loaded ??= this.#load())).get(path);
    if (registered === undefined) throw new Error(`reflection has no method ${path}`);
    registered.handle(typed(call, registered.method));
    call.resume();
  }

  async #load(): Promise<ReadonlyMap<string, Registered>> {
    const [{ ReflectionService }, { loadSync }] = await Promise.all([import('@grpc/reflection'), import('@grpc/proto-loader')]);
    const root = fileURLToPath(new URL('../../protos/', import.meta.url));
    const definitions: PackageDefinition = loadSync([...this.#protos], { includeDirs: [root], keepCase: true });
    const found = new Map<string, Registered>();
    const collector: Pick<Server, 'addService'> = {
      addService: (service, implementation) => {
        for (const [name, method] of Object.entries(service)) {
          const handle = implementation[name] ?? implementation[method.originalName ?? name];
          if (handle !== undefined) found.set(method.path, { method, handle: handle as unknown as Handler });
        }
      },
    };
    new ReflectionService(definitions).addToServer(collector);
    return found;
  }
}

function requestOf(message: Buffer, method: MethodDefinition<unknown, unknown>): unknown {
  try {
    return method.requestDeserialize(message);
  } catch {
    throw new WireError('no reflection request');
  }
}

/** The library wants a stream of its messages; ours is one of bytes, and reads on only while its caller does. */
function typed(call: StreamCall, method: MethodDefinition<unknown, unknown>): unknown {
  const listeners = new Map<string, (value?: unknown) => void>();
  call.onDrain(() => call.resume());
  call.watch({
    message: (message) => listeners.get('data')?.(requestOf(message, method)),
    ended: () => listeners.get('end')?.(),
    gone: () => {},
    drain: () => call.end(),
  });
  return {
    on: (event: string, listener: (value?: unknown) => void) => void listeners.set(event, listener),
    write: (message: unknown) => {
      if (!call.send(Buffer.from(method.responseSerialize(message)))) call.pause();
    },
    end: () => call.end(),
  };
}
