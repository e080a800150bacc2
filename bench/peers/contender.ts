/** A server with the demo's logistic regression, and how it is asked for a label. */
export interface Contender {
  readonly name: string;
  readonly url: string;
  body(row: readonly number[]): string;
  label(answer: unknown): unknown;
  /** All its processes, as they are now. */
  pids(): readonly number[];
  stop(): Promise<void>;
}
