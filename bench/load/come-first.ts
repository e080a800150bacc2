import { NICE_CALLS, type NiceCalls } from '../../frontend/lifecycle/runtimes/process-nice.ts';

const FIRST = -19;

/**
 * Puts processes before whatever else the machine does meanwhile, and none of them before another: a kernel that looks through its
 * memory every few seconds takes a core for 40 ms, and what is late by that nobody decided. Each must lead a session of its own:
 * where the kernel makes a scheduling group of every session, niceness counts between groups. False where the system does not let us.
 */
export function comeFirst(pids: readonly number[], calls: NiceCalls = NICE_CALLS): boolean {
  try {
    for (const pid of pids) {
      calls.setThreads(pid, FIRST);
      if (calls.hasGroups()) calls.setGroup(pid, FIRST);
    }
    return true;
  } catch {
    return false;
  }
}
