import { ProtoReader, varintBytes, writeVarint } from '../../../protos/protobuf.ts';
import type { AppView } from '../../domain/ports.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import { batchKeyOf } from '../../domain/batch-key.ts';
import type { InputColumn } from '../../domain/query.ts';
import type { AskedRows, CountedRows } from '../../protocols/ask.ts';
import type { AnswerTensor } from '../../protocols/answer-tensors.ts';
import { refuse, type TfsRefusal } from '../../protocols/tfs/refusal.ts';
import { readModelSpec, writeModelSpec, type ModelSpec } from './model-spec.ts';
import { readTensorHead, type TensorHead } from './tensor-head.ts';
import { readColumn } from './tensor-reader.ts';
import { tensorEntry } from './tensor-writer.ts';

/** A `PredictRequest` whose tensors still lie in the message. */
export interface PredictRequest {
  readonly spec: ModelSpec | undefined;
  readonly inputs: ReadonlyMap<string, TensorHead>;
  readonly outputFilter: readonly string[];
}

const MOST_NAMES = 256;
const MAX_ROWS = 4096;

/** Throws `WireError` on bytes that are no message. Of inputs with one name the last counts, as protobuf's maps have it. */
export function readPredictRequest(message: Buffer): PredictRequest | TfsRefusal {
  const reader = new ProtoReader(message);
  const inputs = new Map<string, TensorHead>();
  const outputFilter: string[] = [];
  let spec: ModelSpec | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1: spec = readModelSpec(reader.message()); break;
      case 2: readInput(message, reader.message(), inputs); break;
      case 3: outputFilter.push(reader.text()); break;
      default: reader.skip();
    }
    if (inputs.size > MOST_NAMES || outputFilter.length > MOST_NAMES) return refuse('invalid_field', `A request names at most ${MOST_NAMES} inputs and as many outputs.`);
  }
  return { spec, inputs, outputFilter };
}

function readInput(message: Buffer, entry: ProtoReader, inputs: Map<string, TensorHead>): void {
  let name = '';
  let at = { from: entry.at, length: 0 };
  while (entry.next()) {
    if (entry.field === 1) name = entry.text();
    else if (entry.field === 2) at = entry.span();
    else entry.skip();
  }
  inputs.set(name, readTensorHead(message, at));
}

/** The request's tensors as rows of a model's inputs; a refusal holds no slab. */
export function predictRows(message: Buffer, { inputs }: PredictRequest, { view }: { readonly view: Pick<AppView, 'inputs'> }, { slabs, maxBytes }: { readonly slabs: SlabPool; readonly maxBytes: number }): AskedRows | TfsRefusal {
  const expected = view.inputs ?? [];
  const misnamed = namesRefusal([...inputs.keys()], expected.map(({ name }) => name));
  if (misnamed !== undefined) return misnamed;
  const columns: InputColumn[] = [];
  let rows = 0;
  let refusal: TfsRefusal | undefined = refuse('internal', 'unfinished');
  try {
    for (const spec of expected) {
      const tensor = inputs.get(spec.name);
      if (tensor === undefined) throw new Error(`input ${spec.name} was not checked`);
      const read = readColumn(message, tensor, spec, { slabs, maxRows: MAX_ROWS, maxBytes });
      if ('code' in read) return refusal = read;
      columns.push(read.column);
      if (columns.length > 1 && read.rows !== rows) return refusal = refuse('wrong_shape', `Input tensor: ${spec.name} has inconsistent batch size: ${read.rows} expecting: ${rows}`);
      ({ rows } = read);
    }
    refusal = undefined;
    return { columns, rows, batchKey: batchKeyOf(expected, columns.map(({ shape }) => shape)) };
  } finally {
    // Also where the bytes of a tensor turned out to be none.
    if (refusal !== undefined) for (const { slab } of columns) slabs.release(slab);
  }
}

/** How many rows the request's tensors are: all that can be told where nobody knows the inputs yet. */
export function predictRowCount({ inputs }: PredictRequest): CountedRows | TfsRefusal {
  let counted: number | undefined;
  for (const [name, { shape }] of inputs) {
    const rows = shape?.[0];
    if (rows === undefined) return refuse('wrong_shape', `Input tensor: ${name.slice(0, 64)} has no batch dimension`);
    if (rows === 0) return refuse('empty_inputs', `Input tensor: ${name.slice(0, 64)} has no rows`);
    if (!(rows > 0 && rows <= MAX_ROWS)) return refuse('too_many_rows', `A request has at most ${MAX_ROWS} rows`);
    if (counted !== undefined && rows !== counted) return refuse('wrong_shape', `Input tensor: ${name.slice(0, 64)} has inconsistent batch size: ${rows} expecting: ${counted}`);
    counted = rows;
  }
  return counted === undefined ? refuse('missing_input', 'The request has no inputs.') : { rows: counted };
}

function namesRefusal(given: readonly string[], expected: readonly string[]): TfsRefusal | undefined {
  const extra = given.filter((name) => !expected.includes(name)).toSorted();
  const missing = expected.filter((name) => !given.includes(name)).toSorted();
  if (extra.length === 0 && missing.length === 0) return undefined;
  const shown = (names: readonly string[]): string => names.map((name) => name.slice(0, 64)).join(',');
  return refuse(extra.length > 0 ? 'unknown_input' : 'missing_input',
    `input size does not match signature: ${given.length}!=${expected.length} len({${shown(given.toSorted())}}) != len({${shown(expected.toSorted())}}). Sent extra: {${shown(extra)}}. Missing but required: {${shown(missing)}}.`);
}

/** A `PredictResponse`. */
export function writePredictResponse(outputs: readonly AnswerTensor[], name: string, version: number, signatureName: string): Buffer {
  const pieces = outputs.map((output) => tensorEntry(1, output));
  const spec = writeModelSpec(name, version, signatureName);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0) + 1 + varintBytes(spec.length) + spec.length;
  const message = Buffer.allocUnsafe(length);
  let at = 0;
  for (const piece of pieces) at = piece.write(message, at);
  message[at] = 0x12;
  at = writeVarint(message, spec.length, at + 1);
  message.set(spec, at);
  return message;
}
