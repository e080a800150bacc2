import { mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the kernel is told to hold a replica to. */
export interface CgroupLimits {
  readonly memoryBytes?: number;
  /** Processors: 0.5 is half of one. */
  readonly cpuShare?: number;
}

/** The period over which the share of processors is counted (cpu.max in the kernel's admin-guide/cgroup-v2). */
const CPU_PERIOD_MICROS = 100_000;
const BROKER = 'broker';
const REPLICA = 'replica-';

/**
 * Control groups (version 2) of replicas, below the broker's own, where whoever runs the broker has left that to it (systemd:
 * `Delegate=yes`). Only the leaves of a tree may hold processes, so the broker moves into one itself, with those that fork for it.
 */
export class Cgroups {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** A string says why there are none. `pids`: the broker and its launchers; `root`: where cgroup2 is mounted; `own`: the list of this process's groups. */
  static open(pids: readonly number[], { root = '/sys/fs/cgroup', own = '/proc/self/cgroup' } = {}): Cgroups | string {
    try {
      const path = /^0::(\/.*)$/mu.exec(readFileSync(own, 'utf8'))?.[1];
      if (path === undefined) return 'this machine has no cgroup v2';
      // A broker that another one of this place started anew is in its leaf already.
      const folder = join(root, path.replace(new RegExp(`/${BROKER}$`, 'u'), ''));
      const controllers = readFileSync(join(folder, 'cgroup.controllers'), 'utf8').split(/\s+/u);
      const missing = ['cpu', 'memory'].filter((one) => !controllers.includes(one));
      if (missing.length > 0) return `cgroup v2 has no controller for ${missing.join(' and ')} here`;
      takeOver(folder, pids);
      return new Cgroups(folder);
    } catch (error) {
      return `cgroup v2 is not left to the broker: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** Puts a process and whatever it will start into a group of its own. Throws what the kernel says. */
  place(name: string, pid: number, { memoryBytes, cpuShare }: CgroupLimits): void {
    const folder = this.#of(name);
    mkdirSync(folder, { recursive: true });
    if (memoryBytes !== undefined) {
      writeFileSync(join(folder, 'memory.max'), String(memoryBytes));
      // All of it or nothing: half a replica helps nobody.
      writeFileSync(join(folder, 'memory.oom.group'), '1');
    }
    if (cpuShare !== undefined) writeFileSync(join(folder, 'cpu.max'), `${Math.round(cpuShare * CPU_PERIOD_MICROS)} ${CPU_PERIOD_MICROS}`);
    writeFileSync(join(folder, 'cgroup.procs'), String(pid));
  }

  /** Forgets the group of a replica that has ended; true where the kernel killed something in it for want of memory. */
  remove(name: string): boolean {
    const folder = this.#of(name);
    try {
      return /^oom_kill [1-9]/mu.test(readFileSync(join(folder, 'memory.events'), 'utf8'));
    } catch {
      return false;
    } finally {
      removeEmpty(folder);
    }
  }

  #of(name: string): string {
    return join(this.#folder, `${REPLICA}${name}`);
  }
}

function takeOver(folder: string, pids: readonly number[]): void {
  mkdirSync(join(folder, BROKER), { recursive: true });
  // The kernel takes one a write.
  const moveTo = (group: string): void => pids.forEach((pid) => writeFileSync(join(group, 'cgroup.procs'), String(pid)));
  moveTo(join(folder, BROKER));
  try {
    writeFileSync(join(folder, 'cgroup.subtree_control'), '+cpu +memory');
  } catch (error) {
    // Somebody else is in it: back as it was.
    moveTo(folder);
    removeEmpty(join(folder, BROKER));
    throw error;
  }
  for (const name of readdirSync(folder)) if (name.startsWith(REPLICA)) removeEmpty(join(folder, name));
}

/** What still holds a process stays: the kernel refuses. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is looked at again when a broker starts here the next time.
  }
}
