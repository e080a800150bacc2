import type { Decision } from '../../domain/decision.ts';
import type { FeedbackItem } from '../../domain/feedback.ts';
import { REWARD_UNITS, type Said } from './reward.ts';

/** The word for a piece of feedback that its caller gave none: an inner app that sums up must tell a repeat. */
const OUTER = 'outer';

/**
 * What is said of a decision is said of those, too, that apps took for it as its arms: the same label, or the same reward.
 * Only of arms that answered the row.
 */
export function saidToInner({ asked, rows }: Decision, said: Exclude<Said, { kind: 'wrong' }>, { row, id = OUTER }: { row: number; id?: string }): readonly FeedbackItem[] {
  return asked.flatMap(({ decisionId, outputs }): FeedbackItem[] => {
    if (decisionId === undefined || (outputs[row] ?? null) === null) return [];
    const of = { decisionId: rows > 1 ? `${decisionId}.${row}` : decisionId, id };
    return [said.kind === 'label' ? { ...of, label: said.label } : { ...of, reward: said.units / REWARD_UNITS }];
  });
}
