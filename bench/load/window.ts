import { processCpuMicros } from './process-cpu.ts';
import type { CpuUse } from './report.ts';

/** Where clocks and counters stood at one moment. */
export interface Mark {
  readonly atMicros: number;
  readonly answered: number;
  readonly generatorMicros: number;
  readonly watchedMicros: readonly number[];
}

/** Throws where a watched process is gone. */
export function mark(atMicros: number, answered: number, watchPids: readonly number[]): Mark {
  const { user, system } = process.cpuUsage();
  return { atMicros, answered, generatorMicros: user + system, watchedMicros: watchPids.map(processCpuMicros) };
}

/** What happened between two marks. */
export interface Window {
  readonly seconds: number;
  readonly answersPerSecond: number;
  readonly generatorCpu: CpuUse;
  readonly watchedCpu: readonly (CpuUse & { readonly pid: number })[];
}

export function between(from: Mark, to: Mark, watchPids: readonly number[]): Window {
  const seconds = (to.atMicros - from.atMicros) / 1e6;
  const answers = to.answered - from.answered;
  const use = (micros: number): CpuUse => ({ micros, microsPerAnswer: answers > 0 ? micros / answers : 0 });
  return {
    seconds,
    answersPerSecond: seconds > 0 ? answers / seconds : 0,
    generatorCpu: use(to.generatorMicros - from.generatorMicros),
    watchedCpu: watchPids.map((pid, i) => ({ pid, ...use((to.watchedMicros[i] ?? 0) - (from.watchedMicros[i] ?? 0)) })),
  };
}
