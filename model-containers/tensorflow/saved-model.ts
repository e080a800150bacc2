import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dtype } from '../../protos/dtype.ts';
import { ProtoReader } from '../../protos/protobuf.ts';
import { dtypeOfTensorflow } from '../../protos/tensorflow-datatype.ts';

/** An input or output as a signature names it. */
export interface SignatureTensor {
  /** What callers call it. */
  readonly name: string;
  /** Where it is in the graph: `serving_default_x:0`. */
  readonly node: string;
  /** TensorFlow's number for its element type; `dtype` where the wire has one that is the same. */
  readonly type: number;
  readonly dtype: Dtype | undefined;
  /** Batch axis first; -1 for any extent. undefined: the signature does not say even how many axes there are. */
  readonly shape: readonly number[] | undefined;
}
export interface ModelSignature {
  /** Both by name, so that whoever serves the model says them in one order. */
  readonly inputs: readonly SignatureTensor[];
  readonly outputs: readonly SignatureTensor[];
}

/** Field numbers of tensorflow/core/protobuf/{saved_model,meta_graph}.proto and framework/tensor_shape.proto. */
const SAVED_MODEL_META_GRAPHS = 2;
const META_GRAPH_INFO = 1;
const META_GRAPH_SIGNATURES = 5;
const INFO_TAGS = 4;
const SIGNATURE_INPUTS = 1;
const SIGNATURE_OUTPUTS = 2;
const MAP_KEY = 1;
const MAP_VALUE = 2;
const TENSOR_NAME = 1;
const TENSOR_TYPE = 2;
const TENSOR_SHAPE = 3;
const SHAPE_DIMS = 2;
const SHAPE_UNKNOWN_RANK = 3;
const DIM_SIZE = 1;

/**
 * One signature of the SavedModel in `folder`, of its graph with the tag `serve`, as its saved_model.pb says it. Throws an Error
 * that says what is wrong with the folder, or which signatures there are.
 */
export function readSavedModel(folder: string, signature: string): ModelSignature {
  const file = join(folder, 'saved_model.pb');
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Error(`${folder} is not the folder of a SavedModel: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  try {
    return find(bytes, signature);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function find(savedModel: Buffer, wanted: string): ModelSignature {
  const graphs = bytesOf(savedModel, SAVED_MODEL_META_GRAPHS);
  const graph = graphs.find((one) => bytesOf(one, META_GRAPH_INFO).some((info) => bytesOf(info, INFO_TAGS).some((tag) => tag.toString() === 'serve')));
  if (graph === undefined) throw new Error('it has no graph with the tag serve');
  const signatures = new Map(entries(graph, META_GRAPH_SIGNATURES));
  const signature = signatures.get(wanted);
  if (signature !== undefined) return { inputs: tensors(signature, SIGNATURE_INPUTS), outputs: tensors(signature, SIGNATURE_OUTPUTS) };
  // TensorFlow's own, which runs at the load: nobody can serve it.
  const names = [...signatures.keys()].filter((name) => !name.startsWith('__'));
  throw new Error(`the model has no signature ${wanted}; it has ${names.join(', ') || 'none'}`);
}

function tensors(signature: Buffer, field: number): readonly SignatureTensor[] {
  return entries(signature, field).map(([name, info]) => {
    const type = integerOf(info, TENSOR_TYPE);
    return { name, node: bytesOf(info, TENSOR_NAME)[0]?.toString() ?? '', type, dtype: dtypeOfTensorflow(type), shape: shapeOf(bytesOf(info, TENSOR_SHAPE)[0]) };
  }).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function shapeOf(shape: Buffer | undefined): readonly number[] | undefined {
  if (shape === undefined || integerOf(shape, SHAPE_UNKNOWN_RANK) !== 0) return undefined;
  return bytesOf(shape, SHAPE_DIMS).map((dim) => integerOf(dim, DIM_SIZE));
}

function entries(message: Buffer, field: number): [string, Buffer][] {
  return bytesOf(message, field).map((entry) => [bytesOf(entry, MAP_KEY)[0]?.toString() ?? '', bytesOf(entry, MAP_VALUE)[0] ?? Buffer.alloc(0)]);
}

/** The submessages or strings of a field, in order. */
function bytesOf(message: Buffer, field: number): Buffer[] {
  const found: Buffer[] = [];
  const reader = new ProtoReader(message);
  while (reader.next()) {
    if (reader.field !== field) {
      reader.skip();
      continue;
    }
    const { from, length } = reader.span();
    found.push(message.subarray(from, from + length));
  }
  return found;
}

/** An integer field; 0, protobuf's default, where it is left out. */
function integerOf(message: Buffer, field: number): number {
  let last = 0;
  const reader = new ProtoReader(message);
  while (reader.next()) {
    if (reader.field === field) last = reader.varint();
    else reader.skip();
  }
  return last;
}
