import type { Failure } from '../../domain/answer.ts';
import type { InputHead } from '../../protocols/oip/input-plan.ts';

/** What one element of `inputs` said so far. */
export interface InputFields {
  name: string | undefined;
  shape: readonly number[] | undefined;
  datatype: string | undefined;
  /** Bytes behind the JSON, in place of `data`. */
  binaryBytes: number | undefined;
}

export const INPUT_KEYS = Object.freeze(['name', 'shape', 'datatype', 'parameters', 'data'] as const);
export type InputKey = (typeof INPUT_KEYS)[number];

export function noFields(): InputFields {
  return { name: undefined, shape: undefined, datatype: undefined, binaryBytes: undefined };
}

const MOST_EXTENTS = 32;

/** Takes the value of a key other than `data` (any JSON); says what is wrong with it otherwise. */
export function takeInputField(key: Exclude<InputKey, 'data'>, value: unknown, fields: InputFields): Failure | undefined {
  switch (key) {
    case 'name': case 'datatype':
      if (typeof value !== 'string') return wrong(key, 'a string');
      fields[key] = value;
      return undefined;
    case 'shape':
      if (!Array.isArray(value) || value.length > MOST_EXTENTS || !value.every((extent) => Number.isSafeInteger(extent))) return wrong(key, 'an array of whole numbers');
      fields.shape = value as number[];
      return undefined;
    case 'parameters': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(key, 'an object');
      const size = (value as Readonly<Record<string, unknown>>)['binary_data_size'];
      if (size === undefined) return undefined;
      if (!Number.isSafeInteger(size) || Number(size) < 0) return wrong('binary_data_size', 'a whole number of at least 0');
      fields.binaryBytes = Number(size);
      return undefined;
    }
  }
}

/** The head of an input, where all of it has been said. */
export function headOf({ name, shape, datatype }: InputFields): InputHead | Failure {
  if (name === undefined || shape === undefined || datatype === undefined) {
    const missing = name === undefined ? 'name' : shape === undefined ? 'shape' : 'datatype';
    return { code: 'missing_input', message: `an input has no '${missing}'`, path: 'inputs' };
  }
  return { name, shape, datatype };
}

function wrong(key: string, wanted: string): Failure {
  return { code: 'invalid_field', message: `'${key}' of an input must be ${wanted}`, path: 'inputs' };
}
