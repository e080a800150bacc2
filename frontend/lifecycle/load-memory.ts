import { modelKey, type ModelKey, type ModelSpec } from '../domain/model.ts';

const MIB = 1024 * 1024;

/** A replica that serves, and its process. */
export interface ServingProcess {
  readonly key: ModelKey;
  readonly pid: number;
}

export interface LoadMemoryOptions {
  readonly processes: () => readonly ServingProcess[];
  /** Resident bytes of a process and its children; undefined where it is gone. */
  readonly residentBytes: (pid: number) => number | undefined;
  /** Bytes that programs can take before the machine, or the group that the broker lives in, has no more. */
  readonly freeBytes: () => number | undefined;
  readonly reserveBytes: number;
}

/** Processes that are measured at a time: it reads files, while queries wait. */
const MEASURED_AT_A_TIME = 4;
const MOST_REMEMBERED = 1024;

/**
 * What a load takes: what the model declares of itself, else what a replica of it was last seen to take, else what the version
 * before it was; nobody knows of a model that never ran.
 */
export class LoadMemory {
  readonly #options: LoadMemoryOptions;
  readonly #seen = new Map<ModelKey, number>();
  #turn = 0;

  constructor(options: LoadMemoryOptions) {
    this.#options = options;
  }

  /** Looks at the next few processes. */
  measure(): void {
    const processes = this.#options.processes();
    for (let i = 0; i < Math.min(MEASURED_AT_A_TIME, processes.length); i++) {
      const process = processes[this.#turn++ % processes.length];
      const bytes = process === undefined ? undefined : this.#options.residentBytes(process.pid);
      if (process === undefined || bytes === undefined) continue;
      this.#seen.delete(process.key);
      this.#seen.set(process.key, bytes);
      const [oldest] = this.#seen.keys();
      if (this.#seen.size > MOST_REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
    }
  }

  /** Of all replicas of the version together. */
  bytesOf(spec: ModelSpec): number | undefined {
    const one = spec.profile?.memoryMb === undefined ? this.#seenOf(spec) : spec.profile.memoryMb * MIB;
    return one === undefined ? undefined : one * spec.replicas;
  }

  availableBytes(): number | undefined {
    const free = this.#options.freeBytes();
    return free === undefined ? undefined : Math.max(0, free - this.#options.reserveBytes);
  }

  #seenOf({ name, version }: ModelSpec): number | undefined {
    const own = this.#seen.get(modelKey(name, version));
    if (own !== undefined) return own;
    const before = [...this.#seen.keys()].flatMap((key) => {
      const at = key.lastIndexOf('@');
      return key.slice(0, at) === name ? [Number(key.slice(at + 1))] : [];
    });
    return this.#seen.get(modelKey(name, Math.max(0, ...before.filter((other) => other < version))));
  }
}
