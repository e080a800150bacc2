import type { Clock } from '../../../domain/clock.ts';
import type { ReplicaEnd } from '../../../domain/runtime.ts';
import { isRunning, killGroup } from '../../process-record.ts';
import type { LaunchReport } from './messages.ts';

/** Who is told of one process: `started` at most once; `ended` exactly once and last, never within the call that launches. */
export interface LaunchWatcher {
  started(pid: number): void;
  ended(end: ReplicaEnd): void;
}

/** What is done to a process; in a test, somebody else does it. */
export interface ProcessCalls {
  readonly killGroup: (pid: number) => void;
  readonly isRunning: (pid: number) => boolean;
}

export const PROCESS_CALLS: ProcessCalls = Object.freeze({ killGroup, isRunning });

/** A launcher that works says that a process has ended long before. */
const REPORT_PATIENCE_MS = 1000;
const LOOK_MS = 50;
/** Nothing presses where it may run for long. */
const SLOW_LOOK_MS = 500;

/**
 * One process that a launcher was asked for.
 *
 *     asked ──started──▶ running ──exited, or seen to be gone──▶ over
 *       └───────failed, its launcher hangs or is gone─────────────▲
 *
 * Killing is the broker's own doing, once it knows the process: it needs no launcher that works.
 */
export class LaunchedProcess {
  readonly #watcher: LaunchWatcher;
  readonly #clock: Clock;
  readonly #calls: ProcessCalls;
  #state: 'asked' | 'running' | 'over' = 'asked';
  #pid: number | undefined;
  #isKilled = false;
  #stopLooking = (): void => {};

  constructor(watcher: LaunchWatcher, clock: Clock, calls: ProcessCalls) {
    this.#watcher = watcher;
    this.#clock = clock;
    this.#calls = calls;
  }

  get state(): 'asked' | 'running' | 'over' {
    return this.#state;
  }

  /** Kills the process and its group, now or as soon as it runs. */
  kill(): void {
    this.#isKilled = true;
    if (this.#state !== 'running' || this.#pid === undefined) return;
    this.#calls.killGroup(this.#pid);
    this.#endOnceGone({ message: 'killed by SIGKILL', signal: 'SIGKILL', cause: 'killed' }, REPORT_PATIENCE_MS);
  }

  /** What its launcher says of it. */
  report(report: LaunchReport): void {
    switch (report.kind) {
      case 'started': return this.#started(report.pid);
      case 'failed': return this.notStarted(report.why);
      case 'exited': return this.#end(endOf(report));
    }
  }

  /** It never ran, or is not waited for any longer: should it run all the same, it is killed. */
  notStarted(why: string): void {
    this.#end({ message: `it could not be started: ${why}`, cause: 'not_started' });
  }

  /** Its launcher answers no more: it is not waited for where it does not run, and looked at where it does. */
  launcherHangs(why: string): void {
    if (this.#state === 'asked') this.notStarted(why);
    else if (this.#state === 'running') this.#endOnceGone({ message: 'ended, and its launcher did not say how' }, SLOW_LOOK_MS, SLOW_LOOK_MS);
  }

  /** Its launcher has ended: so does the process. */
  launcherGone(why: string): void {
    if (this.#state === 'asked') return this.notStarted(`its launcher has ended (${why})`);
    if (this.#state !== 'running' || this.#pid === undefined) return;
    this.#calls.killGroup(this.#pid);
    this.#endOnceGone({ message: `killed with its launcher (${why})`, signal: 'SIGKILL', cause: 'killed' }, 0);
  }

  #started(pid: number): void {
    if (this.#state === 'over') {
      this.#calls.killGroup(pid);
      return;
    }
    this.#pid = pid;
    this.#state = 'running';
    this.#watcher.started(pid);
    if (this.#isKilled) this.kill();
  }

  #endOnceGone(end: ReplicaEnd, patienceMs: number, everyMs = LOOK_MS): void {
    const pid = this.#pid ?? 0;
    const look = (): void => {
      if (!this.#calls.isRunning(pid)) return this.#end(end);
      this.#stopLooking = this.#clock.wakeAt(this.#clock.now() + everyMs * 1000, look);
    };
    this.#stopLooking();
    this.#stopLooking = this.#clock.wakeAt(this.#clock.now() + patienceMs * 1000, look);
  }

  #end(end: ReplicaEnd): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#stopLooking();
    this.#watcher.ended(end);
  }
}

function endOf({ code, signal }: Extract<LaunchReport, { kind: 'exited' }>): ReplicaEnd {
  if (signal !== null) return { message: `killed by ${signal}`, signal, cause: 'killed' };
  return { message: `exited with code ${code ?? 0}`, code: code ?? 0, cause: 'exited' };
}
