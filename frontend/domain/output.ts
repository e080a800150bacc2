import type { Dtype } from '../../protos/dtype.ts';
import type { OutputTensor, OutputValue } from './answer.ts';
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

export interface ReadRow {
  readonly output: OutputValue;
  /** Top probability, where the model gives probabilities or logits. In [0, 1]. */
  readonly confidence?: number;
}

/** Reads one row of a replica's outputs as the app wants it. A string says what is wrong with what the model answered. */
export type OutputReader = (part: OutputPart, at: number) => ReadRow | string;

/**
 * The reader for one model version under one app. Labels and values are read in place; tensors are copied to `slabs`,
 * one allocation for each tensor, released by whoever ends up with the answer.
 */
export function outputReader(output: ModelSpec['output'], app: OutputKind, slabs: SlabPool): OutputReader {
  if (app === 'raw') return (part, at) => readTensors(part, at, slabs);
  const pick = (part: OutputPart): OutputColumn | string => pickColumn(part, output.name);
  if (app === 'value') return (part, at) => withColumn(pick(part), (column) => readValue(part, column, at));
  if (output.kind === 'label') return (part, at) => withColumn(pick(part), (column) => readLabel({ part, column, at }, output.classNames));
  const softmax = output.kind === 'logits';
  if (app === 'label') return (part, at) => withColumn(pick(part), (column) => readTop({ part, column, at }, softmax, output.classNames));
  const needsSoftmax = softmax && app === 'probabilities';
  return (part, at) => withColumn(pick(part), (column) => readScores({ part, column, at }, needsSoftmax, slabs));
}

interface Cell {
  readonly part: OutputPart;
  readonly column: OutputColumn;
  readonly at: number;
}

function withColumn(column: OutputColumn | string, read: (column: OutputColumn) => ReadRow | string): ReadRow | string {
  return typeof column === 'string' ? column : read(column);
}

function pickColumn(part: OutputPart, name: string | undefined): OutputColumn | string {
  const first = part.columns[0];
  if (first === undefined) return 'the model gave no output';
  if (name === undefined) return part.columns.length === 1 ? first : 'the model has several outputs; the configuration must name one';
  for (const column of part.columns) if (column.part.name === name) return column;
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

function readTop(cell: Cell, softmax: boolean, classNames: readonly string[] | undefined): ReadRow | string {
  const { part, column, at } = cell;
  if (column.part.dtype !== 'float32' && column.part.dtype !== 'float64') return `scores of dtype ${column.part.dtype}; expected float32 or float64`;
  const size = column.part.dtype === 'float32' ? 4 : 8;
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
  return { output: { kind: 'label', label: classNames?.[best] ?? best }, confidence: Math.min(1, Math.max(0, top)) };
}

function readValue(part: OutputPart, column: OutputColumn, at: number): ReadRow | string {
  const read = READ_NUMBER[column.part.dtype];
  if (read === undefined) return `a value of dtype ${column.part.dtype}; expected a number`;
  if (rowLength(column, at) !== byteSize(column.part.dtype)) return 'more than one number for a row whose output kind is value';
  const value = read(viewOf(part.payload), rowOffset(column, at));
  return Number.isFinite(value) ? { output: { kind: 'value', value, dtype: column.part.dtype } } : `value is ${value}`;
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

function readLabel(cell: Cell, classNames: readonly string[] | undefined): ReadRow | string {
  const { part, column, at } = cell;
  const start = rowOffset(column, at);
  if (column.part.dtype === 'bytes') {
    const length = rowLength(column, at);
    const said = length >= 4 ? viewOf(part.payload).getUint32(start, true) : -1;
    if (said !== length - 4) return 'more than one label for a row';
    return { output: { kind: 'label', label: Buffer.from(part.payload.buffer, part.payload.byteOffset + start + 4, said).toString('utf8') } };
  }
  const value = readValue(part, column, at);
  if (typeof value === 'string' || value.output.kind !== 'value') return typeof value === 'string' ? value : 'not a label';
  const index = value.output.value;
  if (classNames === undefined) return { output: { kind: 'label', label: index } };
  const name = classNames[index];
  return name === undefined ? `label ${index} has no class name` : { output: { kind: 'label', label: name } };
}

function readScores(cell: Cell, softmax: boolean, slabs: SlabPool): ReadRow | string {
  const top = readTop(cell, softmax, undefined);
  if (typeof top === 'string') return top;
  const tensor = copyTensor(cell, slabs);
  if (softmax) applySoftmax(tensor);
  const row: ReadRow = { output: { kind: 'tensors', tensors: [tensor] } };
  return top.confidence === undefined ? row : { ...row, confidence: top.confidence };
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

function readTensors(part: OutputPart, at: number, slabs: SlabPool): ReadRow {
  return { output: { kind: 'tensors', tensors: part.columns.map((column) => copyTensor({ part, column, at }, slabs)) } };
}

function copyTensor({ part, column, at }: Cell, slabs: SlabPool): OutputTensor {
  const start = rowOffset(column, at);
  const lengthBytes = rowLength(column, at);
  const { slab, offset } = slabs.allocate(lengthBytes);
  slab.bytes.set(part.payload.subarray(start, start + lengthBytes), offset);
  return { name: column.part.name, dtype: column.part.dtype, shape: column.part.shapes?.[at] ?? column.part.shape, slab, offset, lengthBytes };
}
