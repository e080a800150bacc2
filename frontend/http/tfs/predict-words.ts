import type { Failure } from '../../domain/answer.ts';

/** What the body of a `:predict` request says beside its inputs. */
export interface PredictWords {
  signatureName: string;
  /** Outputs that are wanted; empty: all. */
  outputFilter: readonly string[];
}

/** Of the two keys that hold inputs a body has one. */
export const BOTH_FORMS: Failure = Object.freeze({ code: 'ambiguous_input', message: "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist" });

const MAX_OUTPUTS = 256;

export function noWords(): PredictWords {
  return { signatureName: '', outputFilter: [] };
}

/** Takes the value of `signature_name`, `output_filter`, or a key that means nothing here; says what is wrong with it otherwise. */
export function takeWord(key: string, value: unknown, words: PredictWords): Failure | undefined {
  if (key === 'signature_name') {
    if (typeof value !== 'string') return { code: 'invalid_field', message: `JSON Value: ${JSON.stringify(value).slice(0, 60)} not formatted correctly. 'signature_name' key must be a string value.` };
    words.signatureName = value;
  } else if (key === 'output_filter') {
    if (!areNames(value)) return { code: 'invalid_field', message: `'output_filter' key must be a list of at most ${MAX_OUTPUTS} string values.` };
    words.outputFilter = value;
  }
  return undefined;
}

function areNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_OUTPUTS && value.every((name) => typeof name === 'string');
}
