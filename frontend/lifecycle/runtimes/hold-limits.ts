import type { LimitsSpec } from '../../domain/model.ts';
import type { HeldLimit } from '../../domain/runtime.ts';
import type { Cgroups } from './cgroups.ts';
import type { NiceHold } from './process-nice.ts';

const BYTES_PER_MB = 1_048_576;

/** Who may hold a process to something; in a test, somebody else. */
export interface LimitHolders {
  /** Opened when a limit first asks for it; a string says why there are none. */
  readonly cgroups: () => Cgroups | string;
  /** Throws where it is refused. */
  readonly setNice: (pid: number, nice: number) => NiceHold;
}

export function limitBytes({ memoryMb }: LimitsSpec): number | undefined {
  return memoryMb === undefined ? undefined : memoryMb * BYTES_PER_MB;
}

/**
 * Holds a process that has just been started to its limits, and says by what each is held. Memory is watched where the kernel
 * does not bound it; a share of the processors that nothing enforces is said to be held by nobody.
 */
export function holdLimits(name: string, pid: number, limits: LimitsSpec, { cgroups, setNice }: LimitHolders): readonly HeldLimit[] {
  const held: HeldLimit[] = [];
  if (limits.memoryMb !== undefined || limits.cpuShare !== undefined) {
    const why = inCgroup(name, pid, limits, cgroups());
    const by = why === undefined ? 'cgroup' : undefined;
    if (limits.memoryMb !== undefined) held.push({ limit: 'memory_mb', by: by ?? 'watching', ...(why !== undefined && { why }) });
    if (limits.cpuShare !== undefined) held.push({ limit: 'cpu_share', by: by ?? 'nobody', ...(why !== undefined && { why }) });
  }
  if (limits.threads !== undefined) held.push({ limit: 'threads', by: 'environment' });
  if (limits.nice !== undefined) held.push(niced(pid, limits.nice, setNice));
  return held;
}

function inCgroup(name: string, pid: number, limits: LimitsSpec, cgroups: Cgroups | string): string | undefined {
  if (typeof cgroups === 'string') return cgroups;
  const memoryBytes = limitBytes(limits);
  try {
    cgroups.place(name, pid, { ...(memoryBytes !== undefined && { memoryBytes }), ...(limits.cpuShare !== undefined && { cpuShare: limits.cpuShare }) });
    return undefined;
  } catch (error) {
    return wordsOf(error);
  }
}

function niced(pid: number, nice: number, setNice: LimitHolders['setNice']): HeldLimit {
  try {
    return { limit: 'nice', ...setNice(pid, nice) };
  } catch (error) {
    return { limit: 'nice', by: 'nobody', why: wordsOf(error) };
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
