import { readFileSync } from 'node:fs';

/** Linux on x64 and arm64 as Node is built for them. */
const PAGE_BYTES = 4096;
const MAX_PROCESSES = 64;

/** Resident memory (proc(5), statm) of a process and of what its main thread started, and so on; undefined where it is gone. */
export function residentBytes(pid: number, proc = '/proc'): number | undefined {
  const own = residentOf(pid, proc);
  if (own === undefined) return undefined;
  let total = own;
  const ids = [pid];
  for (let at = 0; at < ids.length && ids.length < MAX_PROCESSES; at++) {
    const children = childrenOf(ids[at] ?? 0, proc);
    for (const child of children) total += residentOf(child, proc) ?? 0;
    ids.push(...children);
  }
  return total;
}

function residentOf(pid: number, proc: string): number | undefined {
  const pages = Number(read(`${proc}/${pid}/statm`)?.split(' ')[1]);
  return Number.isFinite(pages) ? pages * PAGE_BYTES : undefined;
}

function childrenOf(pid: number, proc: string): number[] {
  return (read(`${proc}/${pid}/task/${pid}/children`) ?? '').split(' ').filter((word) => word !== '').map(Number);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
