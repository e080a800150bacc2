import type { Failure } from '../../domain/answer.ts';
import type { AskedRows, CountedRows } from '../../protocols/ask.ts';
import type { WantedOutput } from '../../protocols/oip/infer-answer.ts';

/** An output that the caller named, and how it is to be written. */
export interface AskedOutput extends WantedOutput {
  /** Raw behind the JSON; absent: as the request says for all. */
  readonly binary?: boolean;
}

/**
 * The body of an inference request, read and held against the inputs of its name, or counted where nobody knows those yet. The
 * slabs have one holder: whoever has this.
 */
export interface InferBody {
  readonly input: AskedRows | CountedRows;
  readonly id: string | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly outputs: readonly AskedOutput[];
  /** Outputs that do not say otherwise go raw. */
  readonly binaryOutput: boolean;
}

/** A refused body holds no slab any more. */
export type InferBodyResult = { readonly ok: true; readonly body: InferBody } | { readonly ok: false; readonly failure: Failure };
