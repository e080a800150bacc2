import type { Bar, Point } from './bars.ts';
import type { LearnedBatch } from '../simulator/cold-start.ts';
import type { Group } from './panels.ts';

/** What `bench/goodput.ts` keeps of a run. */
export interface GoodputResult {
  /** The controller that was held to the bars. */
  readonly ours: string;
  readonly panels: readonly { readonly name: string; readonly group: Group; readonly loads: readonly number[]; readonly capacityPerSecond: number }[];
  readonly points: readonly Point[];
  readonly bars: readonly Bar[];
  /** The planner from cold and through a slow-down, one a seed. */
  readonly cold: readonly { readonly batches: number; readonly followedMicros: number }[];
  /** Of the first of them, every batch. */
  readonly trace: readonly LearnedBatch[];
}
