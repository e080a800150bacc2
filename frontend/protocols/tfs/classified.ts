import type { Answer, AnswerRow, OutputTensor } from '../../domain/answer.ts';
import type { ServedOutputs } from '../../domain/served.ts';
import { meaningOf } from './signature.ts';

type Given = Extract<Answer, { readonly ok: true }>;

export interface ScoredClass {
  readonly label: string;
  readonly score: number;
}

/** What one row comes to as classes: all of them where there are scores, else the one that was given, with its confidence (1 where none is known). A string says why it is none. */
export function classesOf(row: AnswerRow, outputs: ServedOutputs | undefined): readonly ScoredClass[] | string {
  const { output } = row;
  switch (output.kind) {
    case 'label': return [{ label: String(output.label), score: row.confidence ?? 1 }];
    case 'value': return 'The model gives a number, not classes.';
    case 'json': return jsonClasses(output.json, outputs);
    case 'tensors': {
      const tensor = meantTensor(output.tensors, outputs);
      if (tensor === undefined) return 'The model has several outputs; the configuration must name the one with the scores.';
      const kind = meaningOf(outputs);
      if (kind === 'label') return labelTensor(tensor, outputs);
      const scores = numbersOf(tensor);
      if (scores === undefined) return `Expected scores Tensor of DT_FLOAT. Got: ${tensor.dtype}`;
      return named(kind === 'logits' ? softmax(scores) : scores, outputs?.classNames);
    }
  }
}

/** What one row comes to as one number; a string says why it is none. */
export function regressionOf({ output }: AnswerRow, outputs: ServedOutputs | undefined): number | string {
  switch (output.kind) {
    case 'value': return output.value;
    case 'label': return 'The model gives classes, not a number.';
    case 'json': return typeof output.json === 'number' ? output.json : 'The default output of the app is no number.';
    case 'tensors': {
      const tensor = meantTensor(output.tensors, outputs);
      const numbers = tensor === undefined ? undefined : numbersOf(tensor);
      return numbers?.length === 1 ? numbers[0] ?? Number.NaN : 'Expected one number for each example.';
    }
  }
}

/** Reads every row by one of the two; the first that is none says why. */
export function readRows<T>(answer: Given, outputs: ServedOutputs | undefined, read: (row: AnswerRow, outputs: ServedOutputs | undefined) => T | string): T[] | string {
  const values: T[] = [];
  for (const row of answer.rows) {
    const value = read(row, outputs);
    if (typeof value === 'string') return value;
    values.push(value);
  }
  return values;
}

function meantTensor(tensors: readonly OutputTensor[], outputs: ServedOutputs | undefined): OutputTensor | undefined {
  const name = outputs?.model?.name;
  if (name !== undefined) return tensors.find((tensor) => tensor.name === name);
  return tensors.length === 1 ? tensors[0] : undefined;
}

function jsonClasses(json: unknown, outputs: ServedOutputs | undefined): readonly ScoredClass[] | string {
  if (typeof json === 'string' || typeof json === 'number') return [{ label: String(json), score: 1 }];
  if (Array.isArray(json) && json.every((score) => typeof score === 'number')) return named(json, outputs?.classNames);
  return 'The default output of the app is neither a class nor scores.';
}

function labelTensor(tensor: OutputTensor, outputs: ServedOutputs | undefined): readonly ScoredClass[] | string {
  if (tensor.dtype === 'bytes') {
    const { slab, offset, lengthBytes } = tensor;
    return [{ label: Buffer.from(slab.bytes.buffer, slab.bytes.byteOffset + offset + 4, lengthBytes - 4).toString('utf8'), score: 1 }];
  }
  const label = numbersOf(tensor)?.[0];
  return label === undefined ? 'The model gave no class.' : [{ label: outputs?.classNames?.[label] ?? String(label), score: 1 }];
}

function named(scores: ArrayLike<number>, classNames: readonly string[] | undefined): ScoredClass[] {
  return Array.from(scores, (score, i) => ({ label: classNames?.[i] ?? String(i), score }));
}

function softmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - top));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return weights.map((weight) => weight / sum);
}

function numbersOf({ slab, offset, lengthBytes, dtype }: OutputTensor): number[] | undefined {
  const view = new DataView(slab.bytes.buffer, slab.bytes.byteOffset + offset, lengthBytes);
  switch (dtype) {
    case 'float32': return Array.from({ length: lengthBytes / 4 }, (_, i) => view.getFloat32(i * 4, true));
    case 'float64': return Array.from({ length: lengthBytes / 8 }, (_, i) => view.getFloat64(i * 8, true));
    case 'int32': return Array.from({ length: lengthBytes / 4 }, (_, i) => view.getInt32(i * 4, true));
    case 'int64': return Array.from({ length: lengthBytes / 8 }, (_, i) => Number(view.getBigInt64(i * 8, true)));
    case 'uint8': case 'bool': return Array.from({ length: lengthBytes }, (_, i) => view.getUint8(i));
    default: return undefined;
  }
}
