import type { Decision } from './decision.ts';

/** What became of a decision's record, said in its receipt. */
export type JournalVerdict = 'none' | 'kept' | 'dropped';

/**
 * Takes the record of every decision. `record` is synchronous and costs less than a microsecond: the record is encoded and
 * stored after the current turn, in groups, off the event loop. Its verdict is taken before the answer is signed: `dropped`
 * where the bounded buffer is full or the store fails, `none` where the app keeps no journal.
 *
 * `kept` means that it will be written within milliseconds; the answer does not wait for that. What a crash or a failing
 * store loses of it all the same is counted where the broker lives to do so.
 */
export interface DecisionJournal {
  record(decision: Decision): JournalVerdict;
  /** Why a query of this app is not to be asked: its record is required, and would be dropped now. */
  refusal(app: string): 'journal_full' | undefined;
}
