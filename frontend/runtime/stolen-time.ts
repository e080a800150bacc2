import { readFileSync } from 'node:fs';

/** Processor time of all cores since the machine began, in ticks. */
export interface CpuTicks {
  readonly all: number;
  /** What the hypervisor gave to others while somebody here wanted it. */
  readonly stolen: number;
}

/** Fields of the first line of /proc/stat (proc_stat(5)) that are not already part of others: user to steal. */
const FIELDS = 8;
const STEAL = 7;

/** Zeros where the system does not say. */
export function cpuTicks(stat: string = readStat()): CpuTicks {
  const ticks = (/^cpu +(.*)$/mu.exec(stat)?.[1] ?? '').split(' ').slice(0, FIELDS).map(Number);
  return { all: ticks.reduce((sum, each) => sum + each, 0), stolen: ticks[STEAL] ?? 0 };
}

/** Of all cores' time between two readings, from 0 to 1. */
export function stolenShare(before: CpuTicks, after: CpuTicks): number {
  const all = after.all - before.all;
  return all > 0 ? Math.max(0, after.stolen - before.stolen) / all : 0;
}

function readStat(): string {
  try {
    return readFileSync('/proc/stat', 'latin1');
  } catch {
    return '';
  }
}
