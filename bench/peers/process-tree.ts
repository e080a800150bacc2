import { readFileSync } from 'node:fs';
import { processTickMicros } from '../load/process-cpu.ts';

/** A process and all that descend from it, as it is now. */
export function processTree(root: number): readonly number[] {
  const found = [root];
  for (let at = 0; at < found.length; at++) found.push(...childrenOf(found[at] ?? 0));
  return found;
}

/** CPU of all of them so far, user and system, in microseconds; those that have ended since the list was made count nought. */
export function treeCpuMicros(pids: readonly number[]): number {
  let total = 0;
  for (const pid of pids) {
    try {
      total += processTickMicros(pid);
    } catch {
      // It ended.
    }
  }
  return total;
}

/** Those of every thread: a child belongs to the one that started it (proc(5), children). */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter((word) => word !== '').map(Number);
  } catch {
    return [];
  }
}
