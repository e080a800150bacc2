import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import type { Clock, Micros } from '../../domain/clock.ts';

/** What the operating system is asked; replaced in tests. */
export interface NiceCalls {
  /** Whether the niceness of a thread can be lowered again once it was raised. */
  readonly canLower: () => boolean;
  /** The broker's own niceness, which its children begin with. */
  readonly ownNice: () => number;
  /** Whether each session is a scheduling group of its own: sched(7), "The autogroup feature". */
  readonly hasGroups: () => boolean;
  readonly setThreads: (pid: number, nice: number) => void;
  readonly setGroup: (pid: number, nice: number) => void;
}

/** What holds a process to its niceness: its threads alone, or the group of its session too; with the reason where that is refused. */
export interface NiceHold {
  readonly by: 'priority' | 'autogroup';
  readonly why?: string;
}

/** Not on every system there is. */
const STATUS = '/proc/self/status';
const CAP_SYS_NICE = 23n;
/** What every new session begins with. */
const FRESH_GROUP_NICE = 0;
/** Who may not administer the system has ten writes a second, with everybody else like it. */
const WRITE_AGAIN_MICROS: Micros = 120_000;

const groupFile = (pid: number | 'self'): string => `/proc/${pid}/autogroup`;

export const NICE_CALLS: NiceCalls = Object.freeze({
  canLower: () => {
    if (!existsSync(STATUS)) return false;
    const mask = /^CapEff:\s+([0-9a-f]+)$/mu.exec(readFileSync(STATUS, 'utf8'))?.[1];
    return mask !== undefined && (BigInt(`0x${mask}`) >> CAP_SYS_NICE) % 2n === 1n;
  },
  ownNice: () => getPriority(),
  hasGroups: () => existsSync(groupFile('self')),
  // Thread by thread: niceness is a thread's own on Linux, and handed on to those that it starts.
  setThreads: (pid: number, nice: number): void => {
    setPriority(pid, nice);
    for (const thread of readdirSync(`/proc/${pid}/task`)) took(() => setPriority(Number(thread), nice));
  },
  setGroup: (pid: number, nice: number): void => writeFileSync(groupFile(pid), String(nice)),
});

/**
 * The niceness of processes that lead a session each. Where the kernel makes a scheduling group of each session, the niceness
 * of threads counts inside of theirs only, so the group gets the same; elsewhere, and in a cgroup with processors of its own, that
 * of the threads is what counts. Whoever is set must be told of with `ended`: process ids are used again.
 */
export class ProcessNice {
  readonly #clock: Clock;
  readonly #calls: NiceCalls;
  readonly #hasGroups: boolean;
  readonly #canLower: boolean;
  readonly #ownNice: number;
  /** What the kernel did not take yet, by process. */
  readonly #unwritten = new Map<number, number>();
  #isWaiting = false;

  constructor(clock: Clock, calls: NiceCalls = NICE_CALLS) {
    this.#clock = clock;
    this.#calls = calls;
    this.#hasGroups = calls.hasGroups();
    this.#canLower = calls.canLower();
    this.#ownNice = calls.ownNice();
  }

  /** Throws where the threads' priority is refused. */
  set(pid: number, nice: number): NiceHold {
    this.#calls.setThreads(pid, nice);
    if (!this.#hasGroups) return { by: 'priority' };
    try {
      this.#setGroup(pid, nice);
      return { by: 'autogroup' };
    } catch (error) {
      return { by: 'priority', why: `it counts only inside its own session: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  /** Behind those that have the broker's own niceness, as far as that can be taken back; false where it cannot. */
  stepBack(pid: number, nice: number): boolean {
    const threads = this.#canLower && nice > this.#ownNice && took(() => this.#calls.setThreads(pid, nice));
    const group = this.#hasGroups && nice > FRESH_GROUP_NICE && took(() => this.#setGroup(pid, nice));
    return threads || group;
  }

  /** What `stepBack` did is undone. */
  stepUp(pid: number): void {
    if (this.#canLower) took(() => this.#calls.setThreads(pid, this.#ownNice));
    if (this.#hasGroups) took(() => this.#setGroup(pid, FRESH_GROUP_NICE));
  }

  ended(pid: number): void {
    this.#unwritten.delete(pid);
  }

  #setGroup(pid: number, nice: number): void {
    this.#unwritten.delete(pid);
    try {
      this.#calls.setGroup(pid, nice);
    } catch (error) {
      if (!isTooSoon(error)) throw error;
      this.#unwritten.set(pid, nice);
      this.#writeLater();
    }
  }

  #writeLater(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#clock.wakeAt(this.#clock.now() + WRITE_AGAIN_MICROS, () => {
      this.#isWaiting = false;
      for (const [pid, nice] of [...this.#unwritten]) {
        took(() => this.#setGroup(pid, nice));
        if (this.#unwritten.has(pid)) return;
      }
    });
  }
}

/** A process, or one of its threads, may be gone at any time. */
function took(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

function isTooSoon(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
