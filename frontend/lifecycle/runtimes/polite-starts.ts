import { readFileSync, readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import type { ReplicaRun, ReplicaStart, ReplicaWatcher, Runtime } from '../../domain/runtime.ts';

/** What the operating system is asked; replaced in tests. */
export interface PriorityCalls {
  /** Whether the niceness of a process can be lowered again once it was raised. */
  readonly canRestore: () => boolean;
  /** The broker's own niceness, which its children begin with. */
  readonly ownNice: () => number;
  readonly setNice: (pid: number, nice: number) => void;
}

const CAP_SYS_NICE = 23n;

/** setpriority(2), thread by thread: niceness is a thread's own on Linux, and handed on to those that it starts. */
export const PRIORITY_CALLS: PriorityCalls = Object.freeze({
  canRestore: () => {
    const mask = /^CapEff:\s+([0-9a-f]+)$/mu.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return mask !== undefined && (BigInt(`0x${mask}`) >> CAP_SYS_NICE) % 2n === 1n;
  },
  ownNice: () => getPriority(),
  setNice: (pid: number, nice: number): void => {
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), nice);
  },
});

/**
 * Has replicas start behind those that serve: nice until they are warm, and then as others are. Does nothing where niceness
 * could not be taken back, nor for models whose limits name a niceness of their own.
 */
export class PoliteStarts implements Runtime {
  readonly #runtime: Runtime;
  readonly #nice: number;
  readonly #calls: PriorityCalls;
  readonly #isOn: boolean;
  readonly #ownNice: number;
  readonly #nicePids = new Map<string, number>();

  constructor(runtime: Runtime, nice: number, calls: PriorityCalls = PRIORITY_CALLS) {
    this.#runtime = runtime;
    this.#nice = nice;
    this.#calls = calls;
    this.#ownNice = calls.ownNice();
    this.#isOn = nice > this.#ownNice && calls.canRestore();
  }

  start(start: ReplicaStart, watcher: ReplicaWatcher): ReplicaRun {
    const run = this.#runtime.start(start, {
      ...watcher,
      ended: (end) => {
        this.#nicePids.delete(start.id);
        watcher.ended(end);
      },
    });
    if (this.#isOn && run.pid !== undefined && start.spec.limits?.nice === undefined && this.#set(run.pid, this.#nice)) this.#nicePids.set(start.id, run.pid);
    return run;
  }

  /** The replica is warm. */
  warm(id: string): void {
    const pid = this.#nicePids.get(id);
    this.#nicePids.delete(id);
    if (pid !== undefined) this.#set(pid, this.#ownNice);
  }

  /** A process may be gone at any time. */
  #set(pid: number, nice: number): boolean {
    try {
      this.#calls.setNice(pid, nice);
      return true;
    } catch {
      return false;
    }
  }
}
