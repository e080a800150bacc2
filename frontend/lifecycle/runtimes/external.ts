import type { ReplicaDialler, ReplicaRun, ReplicaStart, ReplicaWatcher, Runtime } from '../../domain/runtime.ts';

/** Replicas that somebody else runs: a life is a connection, and killing one only cuts it. */
export class ExternalRuntime implements Runtime {
  readonly #dialler: ReplicaDialler;

  constructor(dialler: ReplicaDialler) {
    this.#dialler = dialler;
  }

  start({ id, spec, address = '' }: ReplicaStart, watcher: ReplicaWatcher): ReplicaRun {
    const expected = { id, model: spec.name, version: spec.version, ...(spec.input && { input: spec.input }) };
    const dialled = this.#dialler.dial(address, expected, watcher);
    return { pid: undefined, kill: (why) => dialled.close(why), output: () => [] };
  }
}
