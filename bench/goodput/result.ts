import type { Bar, Point } from './bars.ts';
import type { ColdStart, LearnedBatch } from '../simulator/cold-start.ts';
import type { Group } from './panels.ts';

/** What `bench/goodput.ts` keeps of a run. */
export interface GoodputResult {
  /** The controller that was held to the bars. */
  readonly ours: string;
  readonly panels: readonly { readonly name: string; readonly group: Group; readonly loads: readonly number[]; readonly capacityPerSecond: number }[];
  readonly points: readonly Point[];
  readonly bars: readonly Bar[];
  /** The queries that count, of all rules that were played, and what that took, the oracles with it. Absent from older results. */
  readonly played?: { readonly queries: number; readonly seconds: number; readonly workers: number };
  /** The planner from cold and through a slow-down, one a seed. */
  readonly cold: readonly Omit<ColdStart, 'trace'>[];
  /** Of the first of them, every batch. */
  readonly trace: readonly LearnedBatch[];
}

export function playedWords({ queries, seconds, workers }: NonNullable<GoodputResult['played']>): string {
  return `${(queries / 1e6).toFixed(1)} million queries played in ${seconds.toFixed(0)} s on ${workers} ${workers === 1 ? 'thread' : 'threads'}`;
}
