import { DTYPE_BYTES, type Dtype } from '../../../protos/dtype.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import { batchKeyOf } from '../../domain/batch-key.ts';
import type { InputColumn } from '../../domain/query.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import type { CountedRows } from '../ask.ts';
import { elementsStorer } from './element-store.ts';
import { refuse, type TfsRefusal } from './refusal.ts';

/** One feature of a `tf.Example`: a flat list of one of three kinds. */
export type Feature =
  | { readonly kind: 'float'; readonly values: ArrayLike<number> }
  | { readonly kind: 'int64'; readonly values: ArrayLike<bigint> }
  | { readonly kind: 'bytes'; readonly values: ArrayLike<Uint8Array> };

export type Example = ReadonlyMap<string, Feature>;

/** Examples that share the features of a context; where an example has one of them too, its own counts. */
export interface ExampleList {
  readonly examples: readonly Example[];
  readonly context?: Example;
}

export type ExampleColumns =
  | { readonly ok: true; readonly columns: readonly InputColumn[]; readonly rows: number; readonly batchKey: string }
  | { readonly ok: false; readonly refusal: TfsRefusal };

/** What inputs are filled within. */
export interface ExampleLimits {
  readonly slabs: SlabPool;
  readonly maxRows: number;
  readonly maxBytes: number;
}

/**
 * The examples as rows of a model's inputs: a feature fills the input of its name, flat. Features that are no input are passed
 * over, as TensorFlow's own parser of Examples does; an input without a feature is refused. Ends with no slab held where it refuses.
 */
export function exampleColumns({ examples, context }: ExampleList, inputs: readonly TensorSpec[], limits: ExampleLimits): ExampleColumns {
  const counted = exampleCount({ examples }, limits.maxRows);
  if ('code' in counted) return { ok: false, refusal: counted };
  const { rows } = counted;
  const columns: InputColumn[] = [];
  for (const input of inputs) {
    const column = fill(examples.map((example) => example.get(input.name) ?? context?.get(input.name)), input, limits);
    if ('code' in column) {
      for (const { slab } of columns) limits.slabs.release(slab);
      return { ok: false, refusal: column };
    }
    columns.push(column);
  }
  return { ok: true, columns, rows, batchKey: batchKeyOf(inputs, columns.map(({ shape }) => shape)) };
}

/** How many rows the examples are: all that can be told where nobody knows the inputs yet. */
export function exampleCount({ examples }: ExampleList, maxRows: number): CountedRows | TfsRefusal {
  const rows = examples.length;
  if (rows === 0) return refuse('empty_inputs', 'Input is empty.');
  return rows > maxRows ? refuse('too_many_rows', `A request has at most ${maxRows} examples.`) : { rows };
}

function fill(features: readonly (Feature | undefined)[], input: TensorSpec, { slabs, maxBytes }: ExampleLimits): InputColumn | TfsRefusal {
  const { name, dtype } = input;
  const shape = rowShape(input, features[0]?.values.length ?? 0);
  if (shape === undefined) return misfit(input, 0, features[0]?.values.length ?? 0);
  const elements = shape.reduce((product, extent) => product * extent, 1);
  for (const [row, feature] of features.entries()) {
    if (feature === undefined) return refuse('missing_input', `Example ${row}: Feature: ${name} (data type: ${dtype}) is required but could not be found.`);
    if (feature.values.length !== elements) return misfit(input, row, feature.values.length);
    if ((feature.kind === 'bytes') !== (dtype === 'bytes')) return refuse('wrong_dtype', `Example ${row}: Key: ${name}. Data types don't match. Expected type: ${dtype}, got ${feature.kind}.`);
  }
  return dtype === 'bytes' ? bytesColumn(features, { name, dtype, shape }, { slabs, maxBytes }) : numberColumn(features, { name, dtype, shape }, { slabs, maxBytes });
}

/** The shape of a row with so many elements; undefined where there is none. More than one open extent cannot be told from a flat list. */
function rowShape({ shape }: TensorSpec, elements: number): readonly number[] | undefined {
  const open = shape.findIndex((extent) => extent < 0);
  if (open < 0) return shape;
  const known = shape.reduce((product, extent, axis) => (axis === open ? product : product * extent), 1);
  if (known <= 0 || elements % known !== 0) return undefined;
  return shape.map((extent, axis) => (axis === open ? elements / known : extent));
}

function misfit({ name, shape }: TensorSpec, row: number, elements: number): TfsRefusal {
  return refuse('wrong_shape', `Example ${row}: Key: ${name}. Number of values != expected. values size: ${elements} but output shape: [${shape.join(',')}]`);
}

interface Filled {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

function numberColumn(features: readonly (Feature | undefined)[], { name, dtype, shape }: Filled, { slabs, maxBytes }: Pick<ExampleLimits, 'slabs' | 'maxBytes'>): InputColumn | TfsRefusal {
  const rowBytes = shape.reduce((product, extent) => product * extent, 1) * DTYPE_BYTES[dtype];
  if (rowBytes * features.length > maxBytes) return tooLarge(maxBytes);
  const { slab, offset } = slabs.allocate(rowBytes * features.length);
  const store = elementsStorer(dtype);
  const view = new DataView(slab.bytes.buffer, slab.bytes.byteOffset, slab.bytes.length);
  for (const [row, feature] of features.entries()) {
    if (feature === undefined || feature.kind === 'bytes') throw new Error('a feature was not checked');
    const bad = store(view, offset + row * rowBytes, feature.values);
    if (bad >= 0) {
      slabs.release(slab);
      return refuse('wrong_dtype', `Example ${row}: Key: ${name}. ${String(feature.values[bad])} is no ${dtype}.`);
    }
  }
  return { name, dtype, shape, slab, offset, strideBytes: rowBytes, rowBytes };
}

function bytesColumn(features: readonly (Feature | undefined)[], { name, dtype, shape }: Filled, { slabs, maxBytes }: Pick<ExampleLimits, 'slabs' | 'maxBytes'>): InputColumn | TfsRefusal {
  const lengths = features.map((feature) => (feature?.kind === 'bytes' ? Array.from(feature.values) : []).reduce((sum, value) => sum + 4 + value.length, 0));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total > maxBytes) return tooLarge(maxBytes);
  const { slab, offset } = slabs.allocate(total);
  const view = new DataView(slab.bytes.buffer, slab.bytes.byteOffset, slab.bytes.length);
  const offsets: number[] = [];
  let at = offset;
  for (const feature of features) {
    offsets.push(at);
    for (const value of feature?.kind === 'bytes' ? Array.from(feature.values) : []) {
      view.setUint32(at, value.length, true);
      slab.bytes.set(value, at + 4);
      at += 4 + value.length;
    }
  }
  return { name, dtype, shape, slab, offset, strideBytes: 0, rowBytes: 0, spans: { offsets, lengths } };
}

function tooLarge(maxBytes: number): TfsRefusal {
  return refuse('body_too_large', `The inputs have more than ${maxBytes} bytes.`);
}
