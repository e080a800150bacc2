import type { Trial } from './trial.ts';

/** One thing that the wire's prose asks of a container. */
export interface Check {
  /** A word by which it can be asked for alone. */
  readonly name: string;
  /** What a container that passes does, as a sentence. */
  readonly promise: string;
  /** Throws `Failed`; what it returns is why the check does not apply to this container. */
  run(trial: Trial): Promise<string | undefined>;
}

export type Verdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly expected: string; readonly came: string }
  | { readonly kind: 'not_applicable'; readonly why: string };
