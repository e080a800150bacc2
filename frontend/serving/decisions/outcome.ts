import { areAnswered, isMiss, type GatheredRow } from '../../dispatch/gather.ts';
import type { Decision } from '../../domain/decision.ts';

/** What came of a decision: who chose, and rows that were given the default where others were not. */
export type Outcome = Pick<Decision, 'mode' | 'defaults'>;

/** Every row was given an arm's answer, and the policy had chosen it: so it is nearly always. */
export const ANSWERED: Outcome = Object.freeze({ mode: 'policy' });
export const NOTHING_GIVEN: Outcome = Object.freeze({ mode: 'default' });
const PINNED: Outcome = Object.freeze({ mode: 'pinned' });

/**
 * By the decision's rows: a miss is one that no arm's answer is given for. `whole`: one of them leaves no answer at all,
 * as for a caller who gets an error then.
 */
export function outcomeOf(rows: readonly (GatheredRow | undefined)[], { isPinned = false, whole }: { isPinned?: boolean; whole: boolean }): Outcome {
  if (isPinned) return PINNED;
  if (areAnswered(rows)) return ANSWERED;
  if (whole || !rows.some(isGiven)) return NOTHING_GIVEN;
  return { mode: 'policy', defaults: rows.flatMap((settled, row) => (isGiven(settled) ? [] : [row])) };
}

function isGiven(settled: GatheredRow | undefined): boolean {
  return settled !== undefined && !isMiss(settled);
}
