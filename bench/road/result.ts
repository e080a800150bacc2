import type { ClosedRow } from './closed.ts';
import type { LoneRow } from './lone.ts';
import type { Sample } from './measure.ts';
import type { OpenRow } from './open.ts';

/** What `bench/road.ts` writes; a part that was not asked for is absent. */
export interface RoadResult {
  readonly closed?: readonly ClosedRow[];
  /** Every measurement behind `closed`, by round. */
  readonly samples?: readonly (readonly Sample[])[];
  readonly lone?: readonly LoneRow[];
  readonly open?: { readonly rows: readonly OpenRow[] } | { readonly refused: string };
}
