import type { Dtype } from '../../protos/dtype.ts';
import { DTYPE_BYTES } from '../../protos/dtype.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import type { Output, Outputs } from './predict.ts';
import { PredictError } from './predict.ts';
import { fits } from './read-inputs.ts';
import type { Tensor, TensorData } from './tensor.ts';
import { byteLength, elementCount, isDataOf, joinElements, shapeText } from './tensor.ts';

/** One output ready for the wire: its rows lie in `bytes` one after another. */
export interface OutputColumn {
  readonly name: string;
  readonly dtype: Dtype;
  /** Of one row. */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  /** Bytes of each row, where rows differ in size. */
  readonly lengths?: readonly number[];
  readonly shapes?: readonly (readonly number[])[];
}

/**
 * What an author's function returned, checked: names, dtypes, row count, shapes. Only wanted outputs are taken, in the
 * signature's order. Throws `PredictError` `invalid_output` in words that tell the author what is wrong.
 */
export function checkOutputs(outputs: Outputs, rows: number, wanted: readonly string[] | undefined, specs: readonly TensorSpec[] | undefined): OutputColumn[] {
  if (typeof outputs !== 'object' || outputs === null) throw invalid('predict returned no map of outputs: does it lack a return?');
  if (ArrayBuffer.isView(outputs) || Array.isArray(outputs)) throw invalid(`predict returned ${kindOf(outputs)}, and no map of outputs: return { name: … }`);
  const names = specs === undefined ? Object.keys(outputs) : specs.map(({ name }) => name);
  const columns: OutputColumn[] = [];
  for (const name of names) {
    if (wanted !== undefined && !wanted.includes(name)) continue;
    const output = outputs[name];
    if (output === undefined) throw invalid(`output ${name} is missing; predict returned ${Object.keys(outputs).join(', ') || 'an empty map'}`);
    columns.push(checkOutput(name, output, rows, specs?.find((spec) => spec.name === name)));
  }
  if (specs !== undefined) {
    for (const name of Object.keys(outputs)) if (!names.includes(name)) throw invalid(`output ${name} is not in the signature`);
  }
  return columns;
}

/** Throws `PredictError` `bad_input` where an output is wanted that the signature does not have. */
export function checkWanted(wanted: readonly string[] | undefined, specs: readonly TensorSpec[] | undefined): void {
  if (wanted === undefined || specs === undefined) return;
  for (const name of wanted) {
    if (!specs.some((spec) => spec.name === name)) throw new PredictError('bad_input', `the model has no output ${name}; it has ${specs.map((spec) => spec.name).join(', ')}`);
  }
}

function checkOutput(name: string, output: Output, rows: number, spec: TensorSpec | undefined): OutputColumn {
  const tensor = isTensor(output) ? output : asTensor(name, output, rows, spec);
  if (spec !== undefined && spec.dtype !== tensor.dtype) throw invalid(`output ${name} is ${tensor.dtype}; the signature says ${spec.dtype}`);
  if (!isDataOf(tensor.dtype, tensor.data)) throw invalid(`output ${name}: its data is ${kindOf(tensor.data)}, and not an array of ${tensor.dtype}`);
  if (tensor.shape[0] !== rows) throw invalid(`output ${name} has ${tensor.shape[0] ?? 'no'} rows for a batch of ${rows}`);
  const shape = tensor.shape.slice(1);
  if (tensor.rowShapes !== undefined) return raggedColumn(name, tensor, rows, spec, tensor.rowShapes);
  if (spec !== undefined && !fits(shape, spec.shape)) throw invalid(`output ${name} has rows of shape ${shapeText(shape)}; the signature says ${shapeText(spec.shape)}`);
  const perRow = elementCount(shape);
  if (tensor.data.length !== rows * perRow) throw invalid(`output ${name} has ${tensor.data.length} elements; ${rows} rows of shape ${shapeText(shape)} are ${rows * perRow}`);
  if (tensor.dtype !== 'bytes') return { name, dtype: tensor.dtype, shape, bytes: bytesOf(tensor) };
  return { name, dtype: 'bytes', shape, bytes: joinElements(tensor.data), lengths: elementLengths(tensor.data, rows, () => perRow) };
}

function raggedColumn(name: string, tensor: Tensor, rows: number, spec: TensorSpec | undefined, shapes: readonly (readonly number[])[]): OutputColumn {
  if (spec !== undefined && spec.ragged !== true) throw invalid(`output ${name}: its rows differ in shape, and it is not declared ragged`);
  if (shapes.length !== rows) throw invalid(`output ${name} has ${shapes.length} row shapes for a batch of ${rows}`);
  const declared = spec?.shape ?? tensor.shape.slice(1);
  let total = 0;
  for (const [row, shape] of shapes.entries()) {
    if (!fits(shape, declared)) throw invalid(`output ${name}, row ${row} has shape ${shapeText(shape)}; the signature says ${shapeText(declared)}`);
    total += elementCount(shape);
  }
  if (tensor.data.length !== total) throw invalid(`output ${name} has ${tensor.data.length} elements; its row shapes say ${total}`);
  const counts = (row: number): number => elementCount(shapes[row] ?? []);
  if (tensor.dtype === 'bytes') {
    return { name, dtype: 'bytes', shape: declared, bytes: joinElements(tensor.data), lengths: elementLengths(tensor.data, rows, counts), shapes };
  }
  const size = DTYPE_BYTES[tensor.dtype];
  return { name, dtype: tensor.dtype, shape: declared, bytes: bytesOf(tensor), lengths: shapes.map((_, row) => counts(row) * size), shapes };
}

/** Elements alone: dtype and shape are the signature's; one extent of -1 is what the number of elements leaves for it. */
function asTensor(name: string, data: TensorData | readonly string[], rows: number, spec: TensorSpec | undefined): Tensor {
  if (spec === undefined) throw invalid(`output ${name} is not in the signature: return { dtype, shape, data }`);
  if (!isDataOf(spec.dtype, data)) throw invalid(`output ${name}: its data is ${kindOf(data)}, and not an array of ${spec.dtype}`);
  const known = elementCount(spec.shape.map((extent) => (extent === -1 ? 1 : extent)));
  const free = data.length / rows / known;
  if (spec.shape.filter((extent) => extent === -1).length > 1) throw invalid(`output ${name}: more than one extent is free: return { dtype, shape, data }`);
  if (spec.shape.includes(-1) && !Number.isInteger(free)) throw invalid(`output ${name} has ${data.length} elements, which are no ${rows} rows of shape ${shapeText(spec.shape)}`);
  return { dtype: spec.dtype, shape: [rows, ...spec.shape.map((extent) => (extent === -1 ? free : extent))], data } as Tensor;
}

function elementLengths(elements: readonly (Uint8Array | string)[], rows: number, counts: (row: number) => number): number[] {
  const lengths: number[] = [];
  let at = 0;
  for (let row = 0; row < rows; row++) {
    let length = 0;
    for (const end = at + counts(row); at < end; at++) length += 4 + byteLength(elements[at] ?? '');
    lengths.push(length);
  }
  return lengths;
}

/** `a Float64Array`, `an Array`. */
function kindOf(value: unknown): string {
  const name = typeof value === 'object' && value !== null ? value.constructor?.name ?? 'object' : typeof value;
  return `${/^[AEIOU]/iu.test(name) ? 'an' : 'a'} ${name}`;
}

function isTensor(output: Output): output is Tensor {
  return !ArrayBuffer.isView(output) && !Array.isArray(output) && typeof output === 'object' && output !== null && 'dtype' in output;
}

function bytesOf(tensor: Exclude<Tensor, { dtype: 'bytes' }>): Uint8Array {
  return new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

function invalid(message: string): PredictError {
  return new PredictError('invalid_output', message);
}
