import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import type { Log } from '../../domain/log.ts';
import type { Meter } from '../../domain/meter.ts';
import type { HeldLimit, OutputDoor, OutputTicket, ReplicaDoor, ReplicaEnd, ReplicaRun, ReplicaStart, ReplicaTicket, ReplicaWatcher } from '../../domain/runtime.ts';
import type { ContainerCommand } from '../container-command.ts';
import { OUTPUT_LIMITS, OutputLines } from '../output-lines.ts';
import { forgetProcess, killGroup, recordProcess, recordStart } from '../process-record.ts';
import type { Cgroups } from './cgroups.ts';
import { holdLimits, limitBytes } from './hold-limits.ts';
import type { LaunchedProcess } from './launcher/launched-process.ts';
import type { Launchers } from './launcher/launchers.ts';
import type { MemoryWatch, WatchedProcess } from './memory-watch.ts';
import type { ProcessNice } from './process-nice.ts';

/** What the replicas of one runtime share. */
export interface LocalParts {
  readonly door: ReplicaDoor;
  readonly outputs: OutputDoor;
  readonly launchers: Pick<Launchers, 'launch' | 'setpriv'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** Where processes are recorded. */
  readonly records: string;
  /** Holds a working folder for each. */
  readonly workFolder: string;
  readonly memory: MemoryWatch;
  readonly nice: ProcessNice;
  /** Opened when a limit first asks for it; a string says why there are none. */
  readonly cgroups: () => Cgroups | string;
}

/** How long a process's last words may stay unread once it is gone. */
const LAST_WORDS_MS = 1000;
const BYTES_PER_MB = 1_048_576;

/** One life of a replica as a process of this machine: from its order to a launcher until nothing of it is left. */
export class LocalReplica implements ReplicaRun {
  readonly #start: ReplicaStart;
  readonly #watcher: ReplicaWatcher;
  readonly #parts: LocalParts;
  /** Of its record, folder and control group. */
  readonly #name: string;
  readonly #folder: string;
  readonly #ticket: ReplicaTicket;
  readonly #lines: OutputLines;
  readonly #streams: readonly [OutputTicket, OutputTicket];
  readonly #launched: LaunchedProcess | undefined;
  #speaking = 0;
  #pid: number | undefined;
  #limits: readonly HeldLimit[] = [];
  #watched: WatchedProcess | undefined;
  #overMemory: string | undefined;

  /** Throws where there is no place for what it must remember. */
  constructor(start: ReplicaStart, command: ContainerCommand, watcher: ReplicaWatcher, parts: LocalParts) {
    const { id, spec } = start;
    this.#start = start;
    this.#watcher = watcher;
    this.#parts = parts;
    this.#name = id.replaceAll('/', '_');
    this.#folder = join(parts.workFolder, this.#name);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    recordStart(parts.records, this.#name, parts.door.address);
    this.#ticket = parts.door.expect({ id, model: spec.name, version: spec.version, ...(spec.input && { input: spec.input }) }, watcher);
    this.#lines = this.#openLines();
    this.#streams = [this.#expectStream(), this.#expectStream()];
    this.#launched = this.#launch(command);
  }

  pid(): number | undefined {
    return this.#pid;
  }

  kill(why: string): void {
    this.#ticket.close(why);
    this.#launched?.kill();
  }

  output(): readonly string[] {
    return this.#lines.kept();
  }

  printed(): number {
    return this.#lines.printed;
  }

  memoryBytes(): number | undefined {
    return this.#watched === undefined ? undefined : this.#parts.memory.bytesOf(this.#watched);
  }

  limits(): readonly HeldLimit[] {
    return this.#limits;
  }

  #openLines(): OutputLines {
    const { clock, log, meter } = this.#parts;
    const { id, spec } = this.#start;
    const drops = meter.cell('tradewind_log_drops_total', { model: spec.name, version: String(spec.version) });
    const of = { model: spec.name, version: spec.version, replica: id };
    return new OutputLines(clock, (line) => log.info(of, line), {
      ...OUTPUT_LIMITS, onDropped: (count) => meter.add(drops, count),
      onFlood: () => log.warn(of, `it prints more than ${OUTPUT_LIMITS.maxLinesPerSecond} lines a second: the rest is counted, and not logged`),
    });
  }

  #expectStream(): OutputTicket {
    const take = this.#lines.stream();
    this.#speaking++;
    return this.#parts.outputs.expect((chunk) => {
      if (chunk === undefined) this.#speaking--;
      return take(chunk);
    });
  }

  #launch({ program, args, env }: ContainerCommand): LaunchedProcess | undefined {
    const { outputs, launchers } = this.#parts;
    const { setpriv } = launchers;
    const [file, words] = setpriv === undefined ? [program, args] : [setpriv, ['--pdeathsig', 'KILL', '--', program, ...args]];
    const [out, err] = this.#streams;
    const launched = launchers.launch(
      { file, args: words, cwd: this.#folder, env, token: this.#ticket.token, output: { path: outputs.path, keys: [out.key, err.key] } },
      { started: (pid) => this.#started(pid), ended: (end) => this.#ended(end) },
    );
    if (typeof launched !== 'string') return launched;
    queueMicrotask(() => this.#ended({ message: `it could not be started: ${launched}`, cause: 'not_started' }));
    return undefined;
  }

  #started(pid: number): void {
    const { cgroups, nice } = this.#parts;
    const { limits } = this.#start.spec;
    this.#pid = pid;
    this.#ticket.heldBy(pid);
    this.#record(pid);
    if (limits !== undefined) this.#limits = holdLimits(this.#name, pid, limits, { cgroups, setNice: (process, level) => nice.set(process, level) });
    this.#watched = this.#watch(pid);
    this.#watcher.started(pid);
  }

  #record(pid: number): void {
    const { records, door, log } = this.#parts;
    try {
      recordProcess(records, this.#name, pid, door.address);
    } catch (err) {
      // That it was to be started is recorded, and enough to find it.
      log.warn({ err, replica: this.#start.id, pid }, 'which process a replica runs in could not be recorded');
    }
  }

  #watch(pid: number): WatchedProcess {
    const { spec } = this.#start;
    const limit = spec.limits === undefined ? undefined : limitBytes(spec.limits);
    const watched: WatchedProcess = {
      pid, labels: { model: spec.name, version: String(spec.version) },
      ...(limit !== undefined && { limitBytes: limit }),
      over: (bytes) => {
        this.#overMemory = `over its memory limit of ${spec.limits?.memoryMb} MB, with ${Math.round(bytes / BYTES_PER_MB)} MB`;
        this.#launched?.kill();
      },
    };
    this.#parts.memory.add(watched);
    return watched;
  }

  #ended(end: ReplicaEnd): void {
    const pid = this.#pid;
    if (pid === undefined) return this.#leave(end);
    killGroup(pid);
    this.#parts.nice.ended(pid);
    if (this.#watched !== undefined) this.#parts.memory.remove(this.#watched);
    if (this.#foundOverMemory()) this.#overMemory ??= `the kernel found it over its memory limit of ${this.#start.spec.limits?.memoryMb} MB`;
    this.#afterLastWords(() => this.#leave(this.#overMemory === undefined ? end : { ...end, message: `${this.#overMemory}; ${end.message}`, cause: 'memory' }));
  }

  /** Its control group goes with it. */
  #foundOverMemory(): boolean {
    const cgroups = this.#limits.some(({ by }) => by === 'cgroup') ? this.#parts.cgroups() : 'there is none of its own';
    return typeof cgroups === 'object' && cgroups.remove(this.#name);
  }

  /** What the process had said before it ended is still in its sockets: it is read first, for a limited time. */
  #afterLastWords(then: () => void): void {
    const { clock } = this.#parts;
    const limit = clock.now() + LAST_WORDS_MS * 1000;
    const look = (): void => {
      if ((this.#speaking > 0 || this.#ticket.connected) && clock.now() < limit) clock.wakeAt(clock.now() + 1000, look);
      else then();
    };
    look();
  }

  #leave(end: ReplicaEnd): void {
    for (const stream of this.#streams) stream.close();
    this.#ticket.close('its process has ended');
    forgetProcess(this.#parts.records, this.#name);
    rmSync(this.#folder, { recursive: true, force: true });
    this.#watcher.ended(end);
  }
}
