import { readFileSync, readdirSync } from 'node:fs';

/** Clock ticks of /proc: USER_HZ is 100 on every Linux that Node runs on. */
const MICROS_A_TICK = 10_000;

/**
 * CPU time of a process, user and system, all its living threads, in microseconds, from the scheduler's own accounting
 * (`/proc/PID/task/TID/schedstat`: nanoseconds, at most one scheduler tick old). Threads that have ended are missing from
 * it; where the kernel keeps no such accounts, `/proc/PID/stat` serves, which counts in steps of 10 ms.
 * Throws where the process is gone.
 */
export function processCpuMicros(pid: number): number {
  const exact = taskMicros(pid);
  return exact > 0 ? exact : processTickMicros(pid);
}

/** User and system time by `/proc/PID/stat`, ended threads included, in steps of 10 ms. */
export function processTickMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the program's name in brackets and may hold anything; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MICROS_A_TICK;
}

function taskMicros(pid: number): number {
  let nanos = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) nanos += taskNanos(pid, task);
  return Math.round(nanos / 1000);
}

function taskNanos(pid: number, task: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]);
  } catch {
    return 0; // the thread ended since the list was read
  }
}
