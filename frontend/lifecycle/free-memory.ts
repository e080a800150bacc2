import { readFileSync } from 'node:fs';

/** Where the kernel says what memory there is. */
export interface MemoryFiles {
  /** proc(5), meminfo. */
  readonly meminfo: string;
  /** Folder of the control group, version 2, that the process lives in. */
  readonly cgroup: string;
}

export const MEMORY_FILES: MemoryFiles = Object.freeze({ meminfo: '/proc/meminfo', cgroup: '/sys/fs/cgroup' });

/** Bytes that programs can still take: of the machine, or of the control group where that has less. Undefined where neither is told. */
export function freeBytes({ meminfo, cgroup }: MemoryFiles = MEMORY_FILES): number | undefined {
  const kib = /^MemAvailable:\s+(\d+) kB$/mu.exec(textOf(meminfo) ?? '')?.[1];
  const [most, used] = [textOf(`${cgroup}/memory.max`), textOf(`${cgroup}/memory.current`)].map((text) => (text === undefined || text.trim() === 'max' ? undefined : Number(text)));
  const known = [kib === undefined ? undefined : Number(kib) * 1024, most === undefined || used === undefined ? undefined : Math.max(0, most - used)];
  const bytes = known.filter((one) => one !== undefined);
  return bytes.length === 0 ? undefined : Math.min(...bytes);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
