import type { Failure } from '../../domain/answer.ts';
import type { InputColumn, Pin } from '../../domain/query.ts';

/**
 * The body of one predict request, checked against the app's inputs: all that a `Query` needs and a body can say.
 * The slab of each column has one user, who is now whoever holds this.
 */
export interface PredictBody {
  readonly columns: readonly InputColumn[];
  readonly rows: number;
  /** The caller sent `inputs` (or a binary shape with a batch axis). */
  readonly many: boolean;
  readonly batchKey: string;
  readonly sloMs?: number;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly pin?: Pin;
  readonly explain: boolean;
}

/** A refused body holds no slab any more. */
export type ParseResult =
  | { readonly ok: true; readonly body: PredictBody }
  | { readonly ok: false; readonly failure: Failure };
