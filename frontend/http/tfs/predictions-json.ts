import type { AnswerRow, OutputTensor, OutputValue } from '../../domain/answer.ts';
import type { Dtype } from '../../../protos/dtype.ts';
import { float32Decimal } from '../float32-decimal.ts';
import { numberJson, printers, tensorJson } from '../tensor-json.ts';

/** An output of this name, if it is of dtype `bytes`, is written as base64 whatever it holds. */
const BYTES_SUFFIX = '_bytes';

/** Floats always show that they are: `3.0`; those that are not finite are the words that the request may hold too. */
const FLOATS = printers((x) => decimal(x, float32Decimal), (x) => decimal(x, numberJson));
const BASE64 = Object.freeze({ ...FLOATS, bytes: (element: Buffer) => `{"b64":"${element.toString('base64')}"}` });

/**
 * The body that answers a `:predict`: in row form `{"predictions": [row, …]}`, else `{"outputs": …}`, each output a list over the
 * rows. One output stands bare, several by their names. `wanted` (empty: all) are the outputs that are given.
 */
export function predictionsJson(rows: readonly AnswerRow[], rowForm: boolean, wanted: readonly string[]): string {
  if (rowForm) return `{"predictions":[${rows.map((row) => rowJson(row.output, wanted)).join(',')}]}`;
  const names = outputNames(rows, wanted);
  if (names === undefined) return `{"outputs":[${rows.map((row) => rowJson(row.output, wanted)).join(',')}]}`;
  const columns = names.map((name) => `${JSON.stringify(name)}:[${rows.map(({ output }) => elementJson(output, name)).join(',')}]`);
  return `{"outputs":{${columns.join(',')}}}`;
}

/** A number as it stands in classes' scores and regressions. */
export function scoreJson(score: number): string {
  return decimal(Math.fround(score), float32Decimal);
}

function rowJson(output: OutputValue, wanted: readonly string[]): string {
  switch (output.kind) {
    case 'label': return typeof output.label === 'number' ? numberJson(output.label) : JSON.stringify(output.label);
    case 'value': return valueJson(output.value, output.dtype);
    case 'json': return JSON.stringify(output.json) ?? 'null';
    case 'tensors': {
      const tensors = given(output.tensors, wanted);
      const [only] = tensors;
      if (only !== undefined && tensors.length === 1) return oneTensor(only);
      return `{${tensors.map((tensor) => `${JSON.stringify(tensor.name)}:${oneTensor(tensor)}`).join(',')}}`;
    }
  }
}

/** Names of the outputs, where there are several; undefined where one is given bare. */
function outputNames(rows: readonly AnswerRow[], wanted: readonly string[]): readonly string[] | undefined {
  for (const { output } of rows) {
    if (output.kind !== 'tensors') continue;
    const tensors = given(output.tensors, wanted);
    return tensors.length === 1 ? undefined : tensors.map(({ name }) => name);
  }
  return undefined;
}

/** Output `name` of a row; `null` where a default stands in for the row that has no such part. */
function elementJson(output: OutputValue, name: string): string {
  if (output.kind === 'tensors') {
    const tensor = output.tensors.find((candidate) => candidate.name === name);
    return tensor === undefined ? 'null' : oneTensor(tensor);
  }
  if (output.kind !== 'json' || typeof output.json !== 'object' || output.json === null) return rowJson(output, []);
  return JSON.stringify((output.json as Readonly<Record<string, unknown>>)[name]) ?? 'null';
}

function given(tensors: readonly OutputTensor[], wanted: readonly string[]): readonly OutputTensor[] {
  return wanted.length === 0 ? tensors : tensors.filter(({ name }) => wanted.includes(name));
}

function oneTensor(tensor: OutputTensor): string {
  return tensorJson(tensor, tensor.dtype === 'bytes' && tensor.name.endsWith(BYTES_SUFFIX) ? BASE64 : FLOATS);
}

function valueJson(value: number, dtype: Dtype | undefined): string {
  if (dtype === 'float32') return decimal(value, float32Decimal);
  return dtype === undefined || dtype.startsWith('float') || dtype === 'bfloat16' ? decimal(value, numberJson) : numberJson(value);
}

function decimal(x: number, print: (x: number) => string): string {
  if (x - x !== 0) return Number.isNaN(x) ? 'NaN' : x > 0 ? 'Infinity' : '-Infinity';
  const text = print(x);
  return Number.isInteger(x) && !text.includes('e') ? `${text}.0` : text;
}
