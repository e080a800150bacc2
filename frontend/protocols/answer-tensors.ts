import type { Dtype } from '../../protos/dtype.ts';
import type { AnswerRow, OutputTensor, OutputValue } from '../domain/answer.ts';
import type { ServedOutputs } from '../domain/served.ts';

/** One output over all rows: `shape` begins with them. */
export interface AnswerTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly bytes: number;
  /** Puts its elements, raw and little-endian, at `at`. Valid as long as the answer's slabs are. */
  readonly write: (target: Uint8Array, at: number) => void;
  /** The same elements as numbers, where they were numbers before: safe integers of an int64, doubles of a float64. */
  readonly numbers?: readonly number[];
}

/**
 * The outputs of an answer, in the signature's order, as the metadata says them: rows stacked along a leading dimension. Where
 * the rows do not fit that (a default of another form, class names beside numbers) they become text, dtype `bytes`. A string
 * says why they cannot be one tensor.
 */
export function answerTensors(rows: readonly AnswerRow[], outputs: ServedOutputs | undefined): readonly AnswerTensor[] | string {
  const [first] = rows;
  if (first === undefined) return 'there are no rows';
  if (first.output.kind === 'tensors' && rows.every(({ output }) => output.kind === 'tensors')) {
    return stacked(rows, first.output.tensors, outputs);
  }
  const [spec] = outputs?.tensors ?? [];
  const name = spec?.name ?? 'output';
  const labels = spec?.dtype === 'float64' || spec?.dtype === 'bytes' ? undefined : wholeNumbers(rows);
  if (labels !== undefined) return [numbers(name, 'int64', labels, writeInt64s)];
  const values = rows.map(({ output }) => plainValue(output));
  if (values.every((value) => typeof value === 'number') && spec?.dtype !== 'bytes') return [numbers(name, 'float64', values, writeFloat64s)];
  return scores(name, spec?.dtype, values) ?? [texts(name, values.map(asText))];
}

/** Rows of the model's own tensors, or of scores. An app's scores have the app's name for them, whatever the arm's is. */
function stacked(rows: readonly AnswerRow[], first: readonly OutputTensor[], outputs: ServedOutputs | undefined): readonly AnswerTensor[] | string {
  const names = outputs === undefined || outputs.kind === 'raw' ? undefined : outputs.tensors.map(({ name }) => name);
  const found: AnswerTensor[] = [];
  for (const [at, { name, dtype, shape }] of first.entries()) {
    const column: OutputTensor[] = [];
    let bytes = 0;
    for (const { output } of rows) {
      const tensor = output.kind === 'tensors' ? output.tensors[at] : undefined;
      if (tensor === undefined || tensor.name !== name || tensor.dtype !== dtype || !isSameShape(tensor.shape, shape)) return `rows differ in output '${name}'`;
      column.push(tensor);
      bytes += tensor.lengthBytes;
    }
    found.push({ name: names?.[at] ?? name, dtype, shape: [rows.length, ...shape], bytes, write: (target, to) => copyAll(column, target, to) });
  }
  return found;
}

function copyAll(column: readonly OutputTensor[], target: Uint8Array, to: number): void {
  let at = to;
  for (const { slab: { bytes }, offset, lengthBytes } of column) {
    // A few bytes are copied sooner than a view of them is made.
    if (lengthBytes <= 64) for (let i = 0; i < lengthBytes; i++) target[at + i] = bytes[offset + i] as number;
    else target.set(bytes.subarray(offset, offset + lengthBytes), at);
    at += lengthBytes;
  }
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((extent, axis) => extent === b[axis]));
}

/** What a row's output is as a plain value; of tensors, which stand beside something else here, their first element is not one. */
function plainValue(output: OutputValue): unknown {
  switch (output.kind) {
    case 'label': return output.label;
    case 'value': return output.value;
    case 'json': return output.json;
    case 'tensors': return undefined;
  }
}

/** What the rows are, where each is a whole number. In one go: so labels come, a thousand and more in one answer. */
function wholeNumbers(rows: readonly AnswerRow[]): readonly number[] | undefined {
  const values: number[] = [];
  for (const { output } of rows) {
    const value = plainValue(output);
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return undefined;
    values.push(value);
  }
  return values;
}

type WriteNumbers = (values: readonly number[], target: Uint8Array, at: number) => void;

/** One number a row. Written by need: most answers have one row, for which an array of its own costs more than all else here. */
function numbers(name: string, dtype: 'int64' | 'float64', values: readonly number[], write: WriteNumbers): AnswerTensor {
  return { name, dtype, shape: [values.length], bytes: values.length * 8, write: (target, at) => write(values, target, at), numbers: values };
}

/** Safe integers as int64, two words each: with a BigInt for each it takes twice as long. */
function writeInt64s(values: readonly number[], target: Uint8Array, from: number): void {
  let at = from;
  for (const value of values) {
    // Taken modulo 2^32, whatever the sign: two's complement.
    writeWord(target, at, value | 0);
    writeWord(target, at + 4, Math.floor(value / 4294967296));
    at += 8;
  }
}

function writeWord(target: Uint8Array, at: number, word: number): void {
  target[at] = word;
  target[at + 1] = word >> 8;
  target[at + 2] = word >> 16;
  target[at + 3] = word >> 24;
}

function writeFloat64s(values: readonly number[], target: Uint8Array, from: number): void {
  const view = new DataView(target.buffer, target.byteOffset);
  let at = from;
  for (const value of values) {
    view.setFloat64(at, value, true);
    at += 8;
  }
}

/** A default of scores, one list a row. */
function scores(name: string, dtype: Dtype | undefined, values: readonly unknown[]): readonly AnswerTensor[] | undefined {
  const [first] = values;
  if ((dtype !== 'float32' && dtype !== 'float64') || !Array.isArray(first)) return undefined;
  const classes = first.length;
  const fits = (value: unknown): value is readonly number[] => Array.isArray(value) && value.length === classes && value.every((score) => typeof score === 'number');
  if (!values.every(fits)) return undefined;
  const flat = values.flat();
  const data = dtype === 'float32' ? Float32Array.from(flat) : Float64Array.from(flat);
  return [whole(name, dtype, [values.length, classes], new Uint8Array(data.buffer))];
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value) ?? '';
}

/** Elements of dtype `bytes`: each a length and its UTF-8. `shape` is `[texts]` unless said. */
export function texts(name: string, values: readonly string[], shape: readonly number[] = [values.length]): AnswerTensor {
  const data = Buffer.allocUnsafe(values.reduce((sum, value) => sum + 4 + Buffer.byteLength(value), 0));
  let at = 0;
  for (const value of values) {
    const length = data.write(value, at + 4);
    data.writeUInt32LE(length, at);
    at += 4 + length;
  }
  return whole(name, 'bytes', shape, data);
}

function whole(name: string, dtype: Dtype, shape: readonly number[], data: Uint8Array): AnswerTensor {
  return { name, dtype, shape, bytes: data.length, write: (target, at) => target.set(data, at) };
}
