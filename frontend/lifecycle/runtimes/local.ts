import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ReplicaRun, ReplicaStart, ReplicaWatcher, Runtime } from '../../domain/runtime.ts';
import type { HostEnvironment } from '../container-command.ts';
import { containerCommand } from '../container-command.ts';
import { reapLeftovers } from '../process-record.ts';
import { Cgroups } from './cgroups.ts';
import type { Launchers } from './launcher/launchers.ts';
import { LocalReplica, type LocalParts } from './local-replica.ts';
import { MemoryWatch } from './memory-watch.ts';
import { ProcessNice } from './process-nice.ts';

export interface LocalRuntimeOptions extends Pick<LocalParts, 'door' | 'outputs' | 'clock' | 'log' | 'meter'> {
  /** Closed by whoever opened them, after the last replica has ended. */
  readonly launchers: Launchers;
  readonly host: HostEnvironment;
  /** Where the runtime keeps what it must remember, and the working folders of its containers. */
  readonly stateFolder: string;
  /** Who holds replicas to a share of the machine; in a test, somebody else. */
  readonly openCgroups?: () => Cgroups | string;
}

/**
 * Replicas as processes of this machine, started by a launcher: each leads a process group of its own, has a clean
 * environment, a working folder and a token that only it can read. The kernel kills it when its launcher dies, and that when the
 * broker does (setpriv --pdeathsig, where there is setpriv), and what survived all the same is reaped at the next start. A
 * replica is held to the limits of its spec, and one that goes over its memory is killed.
 */
export class LocalRuntime implements Runtime {
  readonly #options: LocalRuntimeOptions;
  readonly #parts: LocalParts;
  #cgroups: Cgroups | string | undefined;

  constructor(options: LocalRuntimeOptions) {
    const { door, outputs, launchers, clock, log, meter, stateFolder } = options;
    const open = options.openCgroups ?? (() => Cgroups.open([process.pid, ...launchers.pids]));
    this.#options = options;
    this.#parts = {
      door, outputs, launchers, clock, log, meter,
      records: join(stateFolder, 'processes'), workFolder: join(stateFolder, 'work'),
      memory: new MemoryWatch(clock, meter), nice: new ProcessNice(clock), cgroups: () => (this.#cgroups ??= open()),
    };
  }

  /** Ends what an earlier broker left running. To be awaited before the first `start`. */
  async reap(): Promise<void> {
    const { log, clock, records, workFolder } = this.#parts;
    const killed = await reapLeftovers(records, clock);
    if (killed.length > 0) log.warn({ pids: killed }, 'killed containers that an earlier broker had left running');
    rmSync(workFolder, { recursive: true, force: true });
  }

  start(start: ReplicaStart, watcher: ReplicaWatcher): ReplicaRun {
    const command = containerCommand(start.spec, this.#parts.door.address, this.#options.host);
    if (typeof command === 'string') return stillborn(command, watcher);
    try {
      return new LocalReplica(start, command, watcher, this.#parts);
    } catch (error) {
      return stillborn(`it could not be started: ${error instanceof Error ? error.message : String(error)}`, watcher);
    }
  }
}

function stillborn(message: string, watcher: ReplicaWatcher): ReplicaRun {
  queueMicrotask(() => watcher.ended({ message, cause: 'not_started' }));
  return { pid: () => undefined, kill: () => {}, output: () => [] };
}
