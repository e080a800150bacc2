import type { OipDialler, ReplicaDialler, ReplicaRun, ReplicaStart, ReplicaWatcher, Runtime } from '../../domain/runtime.ts';

/** One for each wire: containers that speak our frames, and servers that speak the Open Inference Protocol. */
export interface ExternalDiallers {
  readonly frames: ReplicaDialler;
  readonly oip: OipDialler;
}

/** Replicas that somebody else runs: a life is a connection, and killing one only cuts it. */
export class ExternalRuntime implements Runtime {
  readonly #diallers: ExternalDiallers;

  constructor(diallers: ExternalDiallers) {
    this.#diallers = diallers;
  }

  start({ id, spec, address = '' }: ReplicaStart, watcher: ReplicaWatcher): ReplicaRun {
    const expected = { id, model: spec.name, version: spec.version, ...(spec.input && { input: spec.input }) };
    const { container } = spec;
    const dialled = container.kind === 'oip'
      ? this.#diallers.oip.dial(address, container, expected, watcher)
      : this.#diallers.frames.dial(address, expected, watcher);
    return { pid: () => undefined, kill: (why) => dialled.close(why), output: () => [] };
  }
}
