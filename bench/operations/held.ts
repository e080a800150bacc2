import { readFileSync, readdirSync } from 'node:fs';

/** Process ids of a process and of all that it started, and they, and so on. */
export function processTree(pid: number): number[] {
  const pids = [pid];
  for (const parent of pids) pids.push(...childrenOf(parent));
  return pids;
}

/** Files and sockets that a process holds open. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
