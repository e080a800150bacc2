import type { Failure } from '../../domain/answer.ts';
import type { AskedOutput } from './infer-body.ts';

/** What the body said beside its inputs. */
export interface BodyFields {
  id: string | undefined;
  parameters: Readonly<Record<string, unknown>>;
  outputs: readonly AskedOutput[];
}

/** Of a request that has none. */
export const NO_PARAMETERS: BodyFields['parameters'] = Object.freeze({});
const NO_OUTPUTS: readonly AskedOutput[] = Object.freeze([]);
const MOST_OUTPUTS = 1024;

export function noFields(): BodyFields {
  return { id: undefined, parameters: NO_PARAMETERS, outputs: NO_OUTPUTS };
}

/** Takes the value of a key other than `inputs`; keys that the protocol does not have are passed over. */
export function takeField(key: string, value: unknown, fields: BodyFields): Failure | undefined {
  switch (key) {
    case 'id':
      if (value !== null && typeof value !== 'string') return wrong('id', 'a string');
      fields.id = value ?? undefined;
      return undefined;
    case 'parameters':
      if (value === null) return undefined;
      if (!isMap(value)) return wrong(key, 'an object');
      fields.parameters = value;
      return undefined;
    case 'outputs': {
      if (value === null) return undefined;
      if (!Array.isArray(value) || value.length > MOST_OUTPUTS) return wrong(key, 'an array');
      const outputs: AskedOutput[] = [];
      for (const each of value) {
        const output = readOutput(each);
        if ('code' in output) return output;
        outputs.push(output);
      }
      fields.outputs = outputs;
      return undefined;
    }
    default: return undefined;
  }
}

function readOutput(value: unknown): AskedOutput | Failure {
  if (!isMap(value) || typeof value['name'] !== 'string') return wrong('outputs', 'objects with a name');
  const parameters = value['parameters'] ?? NO_PARAMETERS;
  if (!isMap(parameters)) return wrong('parameters', 'an object');
  const { binary_data: binary, classification: classes } = parameters;
  if (binary !== undefined && typeof binary !== 'boolean') return wrong('binary_data', 'true or false');
  if (classes !== undefined && (!Number.isSafeInteger(classes) || Number(classes) < 0)) return wrong('classification', 'a whole number of at least 0');
  return {
    name: value['name'],
    ...(binary === undefined ? {} : { binary }),
    ...(classes === undefined || classes === 0 ? {} : { classes: Number(classes) }),
  };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(key: string, wanted: string): Failure {
  return { code: 'invalid_field', message: `'${key}' must be ${wanted}`, path: key };
}
