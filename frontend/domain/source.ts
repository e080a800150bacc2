import type { SourceSpec, WantedState } from './model.ts';

/** What a source holds: versions of models that are to be there, and the rules of those models. What it leaves out goes. */
export type Aspired = Pick<WantedState, 'models' | 'rules'>;

/** Somewhere that versions of models come from. */
export interface Source {
  /** Says all that it holds, at once and whenever that changes, one call at a time, until it is stopped. */
  start(tell: (aspired: Aspired) => Promise<void>): void;
  stop(): void;
  status(): SourceStatus;
}

/** A source as the operator sees it. */
export interface SourceStatus extends SourceSpec {
  /** What was found and not taken, with the reason. */
  readonly refused: readonly { readonly path: string; readonly why: string }[];
  /** Versions that were found and are still being written. */
  readonly settling: readonly string[];
  /** Why it could not be read when it was last looked at. */
  readonly unreadable?: string;
}
