import type { Decision } from '../../domain/decision.ts';
import type { FeedbackItem } from '../../domain/feedback.ts';
import type { Aggregation } from '../../domain/model.ts';
import { REWARD_UNITS, type Said } from './reward.ts';

/** The word for a piece of feedback that its caller gave none, where a repeat must be told from a further one. */
export const OUTER = 'outer';

/**
 * What is said of a decision is said of those, too, that apps took for it as its arms: the same label, or the same reward.
 * Only of arms that answered the row. Where only the first reward counts, all that come have one id: a second one is a
 * repeat to inner apps too; else they are told what the outer app is told, and bring it together their own way.
 */
export function saidToInner({ asked, rows }: Decision, said: Exclude<Said, { kind: 'wrong' }>, { row, aggregation, id = aggregation === 'first' ? OUTER : undefined }: { row: number; aggregation: Aggregation; id?: string }): readonly FeedbackItem[] {
  return asked.flatMap(({ decisionId, outputs }): FeedbackItem[] => {
    if (decisionId === undefined || (outputs[row] ?? null) === null) return [];
    const of = { decisionId: rows > 1 ? `${decisionId}.${row}` : decisionId, ...(id === undefined ? {} : { id }) };
    return [said.kind === 'label' ? { ...of, label: said.label } : { ...of, reward: said.units / REWARD_UNITS }];
  });
}
