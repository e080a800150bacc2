import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.ts';

/** A process that was started for the broker, as its state folder remembers it. The pair of pid and start time is never used twice. */
export interface ProcessRecord {
  /** Absent while it is being started. */
  readonly pid?: number;
  /** Field 22 of /proc/<pid>/stat: clock ticks from the machine's start (proc(5)). */
  readonly startTicks?: string;
  /** The socket that it was told to connect to: what tells its children from strangers. */
  readonly connect: string;
}

const REAP_POLL_MS = 20;
const REAP_LIMIT_MS = 5000;

/** Remembers that a process is about to be started under `name`: somebody else may start it, and nobody live to tell its pid. */
export function recordStart(folder: string, name: string, connect: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  write(folder, name, { connect });
}

/** Remembers which process it is; the folder is that of `recordStart`. One that is gone already stays without. */
export function recordProcess(folder: string, name: string, pid: number, connect: string): void {
  const stat = readStat(pid);
  if (stat !== undefined) write(folder, name, { pid, startTicks: stat.startTicks, connect });
}

export function forgetProcess(folder: string, name: string): void {
  rmSync(join(folder, `${name}.json`), { force: true });
}

/**
 * Kills what a broker that died left running, children of its children included, waits until it is gone, and forgets it.
 * A process is touched only where its start time is the recorded one, or it was told the recorded socket; where the broker died
 * before it knew the process, everything that was told the socket. Returns the pids.
 */
export async function reapLeftovers(folder: string, clock: Clock): Promise<readonly number[]> {
  const killed: number[] = [];
  for (const name of jsonFiles(folder)) {
    const record = readRecord(join(folder, name));
    if (record !== undefined) killed.push(...killRecorded(record));
    rmSync(join(folder, name), { force: true });
  }
  const limit = clock.now() + REAP_LIMIT_MS * 1000;
  while (killed.some(isRunning) && clock.now() < limit) {
    await new Promise<void>((resolve) => clock.wakeAt(clock.now() + REAP_POLL_MS * 1000, resolve));
  }
  return killed;
}

/** Kills a process and whatever else is in the group that it leads. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}

function killRecorded(record: ProcessRecord): number[] {
  const members = processIds().filter((pid) => isOurs(pid, record));
  for (const pid of members) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It was quicker.
    }
  }
  return members;
}

function isOurs(pid: number, record: ProcessRecord): boolean {
  const stat = readStat(pid);
  if (stat === undefined || stat.state === 'Z') return false;
  if (record.pid === undefined) return wasTold(pid, record.connect);
  if (pid === record.pid) return stat.startTicks === record.startTicks;
  return stat.session === record.pid && wasTold(pid, record.connect);
}

/** Whether the process was started with this socket in its environment. */
function wasTold(pid: number, connect: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`TRADEWIND_CONNECT=${connect}`);
  } catch {
    return false;
  }
}

/** False for one that has ended and is not waited for by its parent. */
export function isRunning(pid: number): boolean {
  const stat = readStat(pid);
  return stat !== undefined && stat.state !== 'Z';
}

function readStat(pid: number): { state: string; session: number; startTicks: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets, and may hold anything, brackets and blanks included.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', session: Number(fields[3]), startTicks: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function processIds(): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
}

function jsonFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}

/** In one step: whoever reads it finds all of the old or all of the new. */
function write(folder: string, name: string, record: ProcessRecord): void {
  const file = join(folder, `${name}.json`);
  const unfinished = `${file}.new`;
  try {
    writeFileSync(unfinished, JSON.stringify(record), { mode: 0o600 });
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

function readRecord(file: string): ProcessRecord | undefined {
  try {
    const { pid, startTicks, connect } = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessRecord>;
    if (typeof connect !== 'string') return undefined;
    if (pid === undefined) return { connect };
    return typeof pid === 'number' && pid > 1 && typeof startTicks === 'string' ? { pid, startTicks, connect } : undefined;
  } catch {
    return undefined;
  }
}
