import type { RowSlice } from './replica.ts';
import type { TraceContext } from './trace.ts';

/** Watches batches, where somebody does. */
export interface BatchTracer {
  /** A batch leaves for a replica. */
  sent(batch: { readonly slices: readonly RowSlice[]; readonly rows: number }, about: { readonly model: string; readonly replica: string }): BatchTrace;
}

export interface BatchTrace {
  /** What the replica is told; undefined where nobody records. */
  readonly context: TraceContext | undefined;
  ended(how: { readonly outcome: string; readonly computeMicros?: number; readonly error?: string }): void;
}
