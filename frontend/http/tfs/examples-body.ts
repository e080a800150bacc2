import type { Example, ExampleList, Feature } from '../../protocols/tfs/examples.ts';
import { refuse, type TfsRefusal } from '../../protocols/tfs/refusal.ts';
import { base64Bytes, decodeBase64 } from '../predict-body/base64.ts';
import { looseJson, type LooseJson, type WrittenNumber } from './loose-json.ts';

export type ExamplesResult =
  | { readonly ok: true; readonly list: ExampleList; readonly signatureName: string }
  | { readonly ok: false; readonly refusal: TfsRefusal };

/** The document, `examples`, an example, a feature, a `b64`: nothing lies deeper; keys that mean nothing may. */
const MAX_DEPTH = 32;

/** What is wrong with an example, as an exception between this file's functions. */
class ExampleFault extends Error {}

/** Reads the body of `:classify` and `:regress`: `{"signature_name"?, "context"?, "examples": [{feature: value | list}, …]}`. */
export function readExamples(bytes: Buffer): ExamplesResult {
  const parsed = looseJson(bytes, MAX_DEPTH);
  if (!parsed.ok) return { ok: false, refusal: refuse('not_json', parsed.message) };
  if (!(parsed.value instanceof Map)) return { ok: false, refusal: refuse('not_json', 'JSON Value: Is not object') };
  const signatureName = parsed.value.get('signature_name') ?? '';
  const context = parsed.value.get('context');
  const examples = parsed.value.get('examples');
  try {
    if (typeof signatureName !== 'string') throw new ExampleFault("JSON Value: not formatted correctly. 'signature_name' key must be a string value.");
    if (examples === undefined) throw new ExampleFault("When method is classify, key 'examples' is expected and was not found");
    if (!Array.isArray(examples)) throw new ExampleFault("Expecting 'examples' value to be an list/array");
    if (examples.length === 0) throw new ExampleFault("'examples' value is an empty array");
    const list = { examples: examples.map(exampleOf), ...(context === undefined ? {} : { context: exampleOf(context) }) };
    return { ok: true, list, signatureName };
  } catch (fault) {
    if (fault instanceof ExampleFault) return { ok: false, refusal: refuse('invalid_field', fault.message) };
    throw fault;
  }
}

function exampleOf(value: LooseJson): Example {
  if (!(value instanceof Map)) throw new ExampleFault(`Example must be JSON object but got JSON ${typeWord(value)}`);
  return new Map([...value].map(([name, content]) => [name, featureOf(name, Array.isArray(content) ? content : [content])]));
}

function featureOf(name: string, values: readonly LooseJson[]): Feature {
  const bytes = values.map((value) => bytesOf(name, value));
  if (values.length > 0 && bytes.every((value) => value !== undefined)) return { kind: 'bytes', values: bytes };
  if (bytes.some((value) => value !== undefined)) throw new ExampleFault(`Unexpected element type in feature: ${name} expecting type: bytes`);
  const written = values.map((value) => numberOf(name, value));
  if (written.every((number) => /^-?\d+$/.test(number))) return { kind: 'int64', values: written.map((number) => int64Of(name, number)) };
  return { kind: 'float', values: written.map(floatOf) };
}

function bytesOf(name: string, value: LooseJson): Uint8Array | undefined {
  if (typeof value === 'string') return Buffer.from(value);
  if (!(value instanceof Map)) return undefined;
  const text = value.get('b64');
  if (value.size !== 1 || typeof text !== 'string') throw new ExampleFault(`Feature: ${name} has element with unexpected JSON type: Object`);
  const length = base64Bytes(text);
  const decoded = Buffer.alloc(Math.max(0, length));
  if (length < 0 || !decodeBase64(text, decoded, 0)) throw new ExampleFault('Unable to base64 decode');
  return decoded;
}

function numberOf(name: string, value: LooseJson): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (isNumber(value)) return value.number;
  throw new ExampleFault(`Feature: ${name} has element with unexpected JSON type: ${typeWord(value)}`);
}

function int64Of(name: string, number: string): bigint {
  const value = BigInt(number);
  if (BigInt.asIntN(64, value) !== value) throw new ExampleFault(`Feature: ${name} has an element beyond int64. Only int64 is supported.`);
  return value;
}

function floatOf(number: string): number {
  return Number(number.replace(/Inf(?:inity)?$/, 'Infinity'));
}

function isNumber(value: LooseJson): value is WrittenNumber {
  return typeof value === 'object' && value !== null && 'number' in value;
}

function typeWord(value: LooseJson): string {
  if (value === null) return 'Null';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return 'String';
  if (Array.isArray(value)) return 'Array';
  return value instanceof Map ? 'Object' : 'Number';
}
