interface FeedbackOptions {
  readonly decision_id: string;
  /** Tells a repeat from a further reward; needed where the app takes the sum or the mean. */
  readonly id?: string;
}

/** What an answer was worth: a reward from 0 to 1, what it should have been, or a value that the app scales. */
export type Feedback = FeedbackOptions & ({ readonly reward: number } | { readonly label: string | number } | { readonly value: number });

/** What became of a piece of feedback; `refused` occurs in arrays only, a single one that is refused throws. */
export interface FeedbackResult {
  readonly verdict: 'accepted' | 'repeated' | 'not_teachable' | 'refused';
  readonly error?: { readonly code: string; readonly message: string; readonly retryable: boolean; readonly path?: string };
}
