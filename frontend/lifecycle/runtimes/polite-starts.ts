import type { ReplicaRun, ReplicaStart, ReplicaWatcher, Runtime } from '../../domain/runtime.ts';
import type { ProcessNice } from './process-nice.ts';

/**
 * Has replicas start behind those that serve: nice until they are warm, and then as others are. Does nothing where niceness
 * could not be taken back, nor for models whose limits name a niceness of their own.
 */
export class PoliteStarts implements Runtime {
  readonly #runtime: Runtime;
  readonly #nice: number;
  readonly #processes: Pick<ProcessNice, 'stepBack' | 'stepUp' | 'ended'>;
  readonly #starting = new Map<string, number>();

  constructor(runtime: Runtime, nice: number, processes: Pick<ProcessNice, 'stepBack' | 'stepUp' | 'ended'>) {
    this.#runtime = runtime;
    this.#nice = nice;
    this.#processes = processes;
  }

  start(start: ReplicaStart, watcher: ReplicaWatcher): ReplicaRun {
    let process: number | undefined;
    return this.#runtime.start(start, {
      ...watcher,
      started: (pid) => {
        process = pid;
        if (this.#nice > 0 && start.spec.limits?.nice === undefined && this.#processes.stepBack(pid, this.#nice)) this.#starting.set(start.id, pid);
        watcher.started(pid);
      },
      ended: (end) => {
        this.#starting.delete(start.id);
        if (process !== undefined) this.#processes.ended(process);
        watcher.ended(end);
      },
    });
  }

  /** The replica is warm. */
  warm(id: string): void {
    const pid = this.#starting.get(id);
    this.#starting.delete(id);
    if (pid !== undefined) this.#processes.stepUp(pid);
  }
}
