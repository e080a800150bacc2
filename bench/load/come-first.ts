import { NICE_CALLS, type NiceCalls } from '../../frontend/lifecycle/runtimes/process-nice.ts';

/** Of what is measured; and of the generator, for one that is late measures nothing. */
export const COMES_FIRST = Object.freeze({ measured: -15, generator: -20 });

/**
 * Puts processes before whatever else the machine does meanwhile: a kernel that looks through its memory every few seconds takes a
 * core for 40 ms, and what is late by that nobody decided. Each must lead a session of its own: where the kernel makes a scheduling
 * group of every session, niceness counts between groups. False where the system does not let us.
 */
export function comeFirst(pids: readonly number[], nice: number, calls: NiceCalls = NICE_CALLS): boolean {
  try {
    for (const pid of pids) {
      calls.setThreads(pid, nice);
      if (calls.hasGroups()) calls.setGroup(pid, nice);
    }
    return true;
  } catch {
    return false;
  }
}
