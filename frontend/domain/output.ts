import type { Dtype } from '../../protos/dtype.ts';
import type { AnswerRow, OutputTensor, OutputValue } from './answer.ts';
import type { ModelSpec, OutputKind } from './model.ts';
import type { OutputColumn, OutputPart } from './replica.ts';
import type { SlabPool } from './slabs.ts';

/**
 * Which output kinds of a model can be given as which output of an app (design: "Outputs have a kind").
 * A label comes from a label, or as the most probable class.
 */
const GIVES: Readonly<Record<OutputKind, readonly OutputKind[]>> = Object.freeze({
  label: ['label'],
  probabilities: ['probabilities', 'label'],
  logits: ['logits', 'probabilities', 'label'],
  value: ['value'],
  raw: ['raw'],
});

export function gives(model: OutputKind, app: OutputKind): boolean {
  return app === 'raw' || GIVES[model].includes(app);
}

/**
 * Reads one row of a replica's outputs as the app wants it; a confidence is there where the model gives probabilities or
 * logits. A string says what is wrong with what the model answered. Rows may share what is equal in them.
 */
export type OutputReader = (part: OutputPart, at: number) => AnswerRow | string;

/** The same, of the column that the row's answer is in. */
type ColumnReader = (part: OutputPart, column: OutputColumn, at: number) => AnswerRow | string;

/** Answers for so many labels are kept, each made once: of a batch they are few, and its rows many. */
const MOST_KEPT_LABELS = 1024;

/**
 * The reader for one model version under one app. Labels and values are read in place; tensors are copied to `slabs`,
 * one allocation for each tensor, released by whoever ends up with the answer.
 */
export function outputReader(output: ModelSpec['output'], app: OutputKind, slabs: SlabPool): OutputReader {
  if (app === 'raw') return (part, at) => readTensors(part, at, slabs);
  const read = columnReader(output, app, slabs);
  let columns: readonly OutputColumn[] | undefined;
  let picked: OutputColumn | string = '';
  return (part, at) => {
    // All rows of a part have the same columns, and mostly those of the part before it.
    if (part.columns !== columns) {
      columns = part.columns;
      picked = pickColumn(columns, output.name);
    }
    return typeof picked === 'string' ? picked : read(part, picked, at);
  };
}

function columnReader({ kind, classNames }: ModelSpec['output'], app: OutputKind, slabs: SlabPool): ColumnReader {
  if (app === 'value') return readValue;
  if (kind === 'label') return labelReader(classNames);
  const softmax = kind === 'logits';
  return app === 'label' ? topReader(softmax, classNames) : scoresReader(softmax && app === 'probabilities', slabs);
}

function pickColumn(columns: readonly OutputColumn[], name: string | undefined): OutputColumn | string {
  const first = columns[0];
  if (first === undefined) return 'the model gave no output';
  if (name === undefined) return columns.length === 1 ? first : 'the model has several outputs; the configuration must name one';
  for (const column of columns) if (column.part.name === name) return column;
  return `the model gave no output named "${name}"`;
}

function rowOffset(column: OutputColumn, at: number): number {
  return column.spans?.offsets[at] ?? column.offset + at * column.rowBytes;
}
function rowLength(column: OutputColumn, at: number): number {
  return column.spans?.lengths[at] ?? column.rowBytes;
}

/** The rows of one frame share a payload: its view is made once. */
let viewed: Uint8Array | undefined;
let view: DataView = new DataView(new ArrayBuffer(0));
function viewOf(payload: Uint8Array): DataView {
  if (viewed !== payload) {
    viewed = payload;
    view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  }
  return view;
}

type ReadNumber = (view: DataView, at: number) => number;
const READ_NUMBER: Readonly<Partial<Record<Dtype, ReadNumber>>> = Object.freeze({
  bool: (v, at) => v.getUint8(at),
  int8: (v, at) => v.getInt8(at),
  uint8: (v, at) => v.getUint8(at),
  int16: (v, at) => v.getInt16(at, true),
  uint16: (v, at) => v.getUint16(at, true),
  int32: (v, at) => v.getInt32(at, true),
  uint32: (v, at) => v.getUint32(at, true),
  int64: (v, at) => Number(v.getBigInt64(at, true)),
  uint64: (v, at) => Number(v.getBigUint64(at, true)),
  float32: (v, at) => v.getFloat32(at, true),
  float64: (v, at) => v.getFloat64(at, true),
});

/** The most probable class as a label, and its probability as confidence. */
function topReader(softmax: boolean, classNames: readonly string[] | undefined): ColumnReader {
  const kept: (OutputValue | undefined)[] = [];
  const labelled = (index: number): OutputValue => ({ kind: 'label', label: classNames?.[index] ?? index });
  return (part, column, at) => {
    const { dtype } = column.part;
    if (dtype !== 'float32' && dtype !== 'float64') return `scores of dtype ${dtype}; expected float32 or float64`;
    const size = dtype === 'float32' ? 4 : 8;
    const classes = rowLength(column, at) / size;
    if (classes < 1) return 'scores of no class';
    if (classNames !== undefined && classNames.length !== classes) return `${classes} scores for ${classNames.length} class names`;
    const data = viewOf(part.payload);
    const start = rowOffset(column, at);
    let best = 0;
    let top = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < classes; i++) {
      const score = size === 4 ? data.getFloat32(start + i * 4, true) : data.getFloat64(start + i * 8, true);
      if (!Number.isFinite(score)) return `score of class ${i} is ${score}`;
      if (score > top) {
        top = score;
        best = i;
      }
    }
    if (softmax) {
      let sum = 0;
      for (let i = 0; i < classes; i++) sum += Math.exp((size === 4 ? data.getFloat32(start + i * 4, true) : data.getFloat64(start + i * 8, true)) - top);
      top = 1 / sum;
    }
    const output = best < MOST_KEPT_LABELS ? (kept[best] ??= labelled(best)) : labelled(best);
    return { source: 'model', output, confidence: Math.min(1, Math.max(0, top)) };
  };
}

function readValue(part: OutputPart, column: OutputColumn, at: number): AnswerRow | string {
  const { dtype } = column.part;
  const value = numberOf(part, column, at);
  return typeof value === 'string' ? value : { source: 'model', output: { kind: 'value', value, dtype } };
}

/** The one number that a row is. */
function numberOf(part: OutputPart, column: OutputColumn, at: number): number | string {
  const { dtype } = column.part;
  const read = READ_NUMBER[dtype];
  if (read === undefined) return `a value of dtype ${dtype}; expected a number`;
  if (rowLength(column, at) !== byteSize(dtype)) return 'more than one number for a row whose output kind is value';
  const value = read(viewOf(part.payload), rowOffset(column, at));
  return Number.isFinite(value) ? value : `value is ${value}`;
}

function byteSize(dtype: Dtype): number {
  switch (dtype) {
    case 'bool': case 'int8': case 'uint8': return 1;
    case 'int16': case 'uint16': case 'float16': case 'bfloat16': return 2;
    case 'int32': case 'uint32': case 'float32': return 4;
    case 'int64': case 'uint64': case 'float64': return 8;
    case 'bytes': return 0;
  }
}

function labelReader(classNames: readonly string[] | undefined): ColumnReader {
  return (part, column, at) => {
    if (column.part.dtype === 'bytes') return readText(part, column, at);
    const index = numberOf(part, column, at);
    if (typeof index === 'string') return index;
    // A class is told exactly or not at all; past 2^53 its neighbour would be told.
    if (byteSize(column.part.dtype) === 8 && Number.isInteger(index) && !Number.isSafeInteger(index)) return `label ${index} is past the integers that a number can hold`;
    const label = classNames === undefined ? index : classNames[index];
    return label === undefined ? `label ${index} has no class name` : { source: 'model', output: { kind: 'label', label } };
  };
}

function readText(part: OutputPart, column: OutputColumn, at: number): AnswerRow | string {
  const start = rowOffset(column, at);
  const length = rowLength(column, at);
  const said = length >= 4 ? viewOf(part.payload).getUint32(start, true) : -1;
  if (said !== length - 4) return 'more than one label for a row';
  return { source: 'model', output: { kind: 'label', label: Buffer.from(part.payload.buffer, part.payload.byteOffset + start + 4, said).toString('utf8') } };
}

/** All scores, made probabilities where `softmax` says so, with the highest of them as confidence. */
function scoresReader(softmax: boolean, slabs: SlabPool): ColumnReader {
  const readTop = topReader(softmax, undefined);
  return (part, column, at) => {
    const top = readTop(part, column, at);
    if (typeof top === 'string') return top;
    const tensor = copyTensor(part, { column, at }, slabs);
    if (softmax) applySoftmax(tensor);
    return { ...top, output: { kind: 'tensors', tensors: [tensor] } };
  };
}

/** In place, over the scores of one row; float32 or float64. */
export function applySoftmax(tensor: OutputTensor): void {
  const { bytes } = tensor.slab;
  const at = bytes.byteOffset + tensor.offset;
  const scores = tensor.dtype === 'float32'
    ? new Float32Array(bytes.buffer, at, tensor.lengthBytes / 4)
    : new Float64Array(bytes.buffer, at, tensor.lengthBytes / 8);
  let top = Number.NEGATIVE_INFINITY;
  for (const score of scores) top = Math.max(top, score);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += scores[i] = Math.exp((scores[i] ?? 0) - top);
  for (let i = 0; i < scores.length; i++) scores[i] = (scores[i] ?? 0) / sum;
}

function readTensors(part: OutputPart, at: number, slabs: SlabPool): AnswerRow {
  return { source: 'model', output: { kind: 'tensors', tensors: part.columns.map((column) => copyTensor(part, { column, at }, slabs)) } };
}

function copyTensor(part: OutputPart, { column, at }: { readonly column: OutputColumn; readonly at: number }, slabs: SlabPool): OutputTensor {
  const start = rowOffset(column, at);
  const lengthBytes = rowLength(column, at);
  const { slab, offset } = slabs.allocate(lengthBytes);
  slab.bytes.set(part.payload.subarray(start, start + lengthBytes), offset);
  return { name: column.part.name, dtype: column.part.dtype, shape: column.part.shapes?.[at] ?? column.part.shape, slab, offset, lengthBytes };
}
