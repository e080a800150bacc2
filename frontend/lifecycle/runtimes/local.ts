import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import type { Log } from '../../domain/log.ts';
import type { Meter } from '../../domain/meter.ts';
import type { LimitsSpec } from '../../domain/model.ts';
import type { HeldLimit, ReplicaDoor, ReplicaEnd, ReplicaRun, ReplicaStart, ReplicaTicket, ReplicaWatcher, Runtime } from '../../domain/runtime.ts';
import type { ContainerCommand, HostEnvironment } from '../container-command.ts';
import { TOKEN_FD, containerCommand, findOnPath } from '../container-command.ts';
import { OUTPUT_LIMITS, OutputLines } from '../output-lines.ts';
import { forgetProcess, killGroup, reapLeftovers, recordProcess } from '../process-record.ts';
import { Cgroups } from './cgroups.ts';
import { holdLimits, limitBytes } from './hold-limits.ts';
import { MemoryWatch, type WatchedProcess } from './memory-watch.ts';
import { ProcessNice } from './process-nice.ts';

export interface LocalRuntimeOptions {
  readonly door: ReplicaDoor;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly host: HostEnvironment;
  /** Where the runtime keeps what it must remember, and the working folders of its containers. */
  readonly stateFolder: string;
  /** Who holds replicas to a share of the machine; in a test, somebody else. */
  readonly openCgroups?: () => Cgroups | string;
}

/** How long a process's last words may stay unread once it is gone. */
const LAST_WORDS_MS = 1000;
const BYTES_PER_MB = 1_048_576;

/**
 * Replicas as child processes of the broker: each leads a process group of its own, has a clean environment, a working
 * folder and a token that only it can read. The kernel kills it when the broker dies (setpriv --pdeathsig, where there is
 * setpriv), and what survived all the same is reaped at the next start. A replica is held to the limits of its spec, and one
 * that goes over its memory is killed.
 */
export class LocalRuntime implements Runtime {
  readonly #options: LocalRuntimeOptions;
  readonly #setpriv: string | undefined;
  readonly #records: string;
  readonly #memory: MemoryWatch;
  readonly #nice: ProcessNice;
  #cgroups: Cgroups | string | undefined;

  constructor(options: LocalRuntimeOptions) {
    this.#options = options;
    this.#records = join(options.stateFolder, 'processes');
    this.#setpriv = findOnPath('setpriv', options.host.env['PATH'] ?? '');
    this.#memory = new MemoryWatch(options.clock, options.meter);
    this.#nice = new ProcessNice(options.clock);
  }

  /** Ends what an earlier broker left running. To be awaited before the first `start`. */
  async reap(): Promise<void> {
    const { log, clock, stateFolder } = this.#options;
    const killed = await reapLeftovers(this.#records, clock);
    if (killed.length > 0) log.warn({ pids: killed }, 'killed containers that an earlier broker had left running');
    rmSync(join(stateFolder, 'work'), { recursive: true, force: true });
  }

  start(start: ReplicaStart, watcher: ReplicaWatcher): ReplicaRun {
    const { door, host } = this.#options;
    const command = containerCommand(start.spec, door.address, host);
    if (typeof command === 'string') return stillborn(command, watcher);
    const { id, spec } = start;
    const ticket = door.expect({ id, model: spec.name, version: spec.version, ...(spec.input && { input: spec.input }) }, watcher);
    try {
      return this.#run(start, command, ticket, watcher);
    } catch (error) {
      ticket.close('it could not be started');
      return stillborn(`it could not be started: ${error instanceof Error ? error.message : String(error)}`, watcher);
    }
  }

  #run(start: ReplicaStart, command: ContainerCommand, ticket: ReplicaTicket, watcher: ReplicaWatcher): ReplicaRun {
    const name = start.id.replaceAll('/', '_');
    const folder = join(this.#options.stateFolder, 'work', name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const child = this.#spawn(command, folder);
    const lines = this.#listen(child, start);
    if (child.pid !== undefined) {
      ticket.heldBy(child.pid);
      recordProcess(this.#records, name, child.pid, this.#options.door.address);
    }
    sendToken(child, ticket.token);
    let over = false;
    let silent = false;
    let overMemory: string | undefined;
    const limits = this.#hold(name, child.pid, start.spec.limits);
    const watched = this.#watch(start, child.pid, (why) => {
      overMemory = why;
      if (child.pid !== undefined) killGroup(child.pid);
    });
    child.on('close', () => (silent = true));
    const ended = (end: ReplicaEnd): void => {
      if (over) return;
      over = true;
      if (child.pid !== undefined) {
        killGroup(child.pid);
        this.#nice.ended(child.pid);
      }
      if (this.#leave(name, watched, limits)) overMemory ??= `the kernel found it over its memory limit of ${start.spec.limits?.memoryMb} MB`;
      this.#afterLastWords(() => !silent || ticket.connected, () => {
        ticket.close('its process has ended');
        forgetProcess(this.#records, name);
        rmSync(folder, { recursive: true, force: true });
        watcher.ended(overMemory === undefined ? end : { ...end, message: `${overMemory}; ${end.message}`, cause: 'memory' });
      });
    };
    child.on('error', (error) => ended({ message: `it could not be started: ${error.message}`, cause: 'not_started' }));
    child.on('exit', (code, signal) => ended(endOf(code, signal)));
    return {
      pid: child.pid,
      kill: (why) => {
        ticket.close(why);
        if (!over && child.pid !== undefined) killGroup(child.pid);
      },
      output: () => lines.kept(),
      printed: () => lines.printed,
      memoryBytes: () => (watched === undefined ? undefined : this.#memory.bytesOf(watched)),
      limits,
    };
  }

  #hold(name: string, pid: number | undefined, limits: LimitsSpec | undefined): readonly HeldLimit[] {
    if (pid === undefined || limits === undefined) return [];
    const open = this.#options.openCgroups ?? (() => Cgroups.open(process.pid));
    return holdLimits(name, pid, limits, { cgroups: () => (this.#cgroups ??= open()), setNice: (process, nice) => this.#nice.set(process, nice) });
  }

  #watch({ spec }: ReplicaStart, pid: number | undefined, over: (why: string) => void): WatchedProcess | undefined {
    if (pid === undefined) return undefined;
    const limit = spec.limits === undefined ? undefined : limitBytes(spec.limits);
    const watched: WatchedProcess = {
      pid, labels: { model: spec.name, version: String(spec.version) },
      ...(limit !== undefined && { limitBytes: limit }),
      over: (bytes) => over(`over its memory limit of ${spec.limits?.memoryMb} MB, with ${Math.round(bytes / BYTES_PER_MB)} MB`),
    };
    this.#memory.add(watched);
    return watched;
  }

  /** Whether the kernel killed something of it for want of memory. */
  #leave(name: string, watched: WatchedProcess | undefined, limits: readonly HeldLimit[]): boolean {
    if (watched !== undefined) this.#memory.remove(watched);
    return limits.some(({ by }) => by === 'cgroup') && typeof this.#cgroups === 'object' && this.#cgroups.remove(name);
  }

  #spawn(command: ContainerCommand, folder: string): ChildProcess {
    const { program, args, env } = command;
    const [file, words] = this.#setpriv === undefined ? [program, args] : [this.#setpriv, ['--pdeathsig', 'KILL', '--', program, ...args]];
    // detached: a session and process group of its own, so that nothing it starts outlives it.
    return spawn(file, words, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  }

  #listen(child: ChildProcess, { id, spec }: ReplicaStart): OutputLines {
    const { clock, log, meter } = this.#options;
    const drops = meter.cell('tradewind_log_drops_total');
    const say = (line: string): void => log.info({ model: spec.name, version: spec.version, replica: id }, line);
    const lines = new OutputLines(clock, say, { ...OUTPUT_LIMITS, onDropped: () => meter.add(drops, 1) });
    for (const stream of [child.stdout, child.stderr]) {
      const take = lines.stream();
      stream?.on('data', (chunk: Buffer) => take(chunk));
      stream?.on('end', () => take(undefined));
      stream?.on('error', () => take(undefined));
    }
    return lines;
  }

  /** What the process had said before it ended is still in its pipes and sockets: it is read first, for a limited time. */
  #afterLastWords(isSpeaking: () => boolean, then: () => void): void {
    const { clock } = this.#options;
    const limit = clock.now() + LAST_WORDS_MS * 1000;
    const look = (): void => {
      if (isSpeaking() && clock.now() < limit) clock.wakeAt(clock.now() + 1000, look);
      else then();
    };
    look();
  }
}

function stillborn(message: string, watcher: ReplicaWatcher): ReplicaRun {
  queueMicrotask(() => watcher.ended({ message, cause: 'not_started' }));
  return { pid: undefined, kill: () => {}, output: () => [] };
}

function sendToken(child: ChildProcess, token: string): void {
  const pipe = child.stdio[TOKEN_FD];
  if (pipe === null || pipe === undefined || !('end' in pipe)) return;
  // A process that is gone already, or never reads, is no concern of the token's.
  pipe.on('error', () => {});
  pipe.end(token);
}

function endOf(code: number | null, signal: string | null): ReplicaEnd {
  if (signal !== null) return { message: `killed by ${signal}`, signal, cause: 'killed' };
  return { message: `exited with code ${code ?? 0}`, code: code ?? 0, cause: 'exited' };
}
