import { ProtoReader, ProtoWriter } from './protobuf.ts';

const writer = new ProtoWriter();
const part = new ProtoWriter();
const inner = new ProtoWriter();
const innermost = new ProtoWriter();

/** Fields 1 and 2 of a request, text both: `{name, version}` of a model. Throws `WireError` on bytes that are no message. */
export function readModelName(message: Buffer): { readonly name: string; readonly version: string } {
  const reader = new ProtoReader(message);
  let name = '';
  let version = '';
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) version = reader.text();
    else reader.skip();
  }
  return { name, version };
}

/** A response whose one field says yes or no: live, ready. */
export function writeYes(yes: boolean): Buffer {
  return Buffer.from(yes ? [0x08, 1] : []);
}

export function writeServerMetadata({ name, version, extensions }: { readonly name: string; readonly version: string; readonly extensions: readonly string[] }): Buffer {
  writer.reset().text(1, name).text(2, version);
  for (const extension of extensions) writer.text(3, extension);
  return Buffer.from(writer.bytes);
}

interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** A `ModelMetadataResponse`. */
export function writeModelMetadata(model: {
  readonly name: string; readonly versions: readonly string[]; readonly platform: string; readonly inputs: readonly Tensor[]; readonly outputs: readonly Tensor[];
}): Buffer {
  writer.reset().text(1, model.name);
  for (const version of model.versions) writer.text(2, version);
  writer.text(3, model.platform);
  const tensor = (field: number, { name, datatype, shape }: Tensor): void => void writer.nested(field, part.reset().text(1, name).text(2, datatype).packedSigned(3, shape).bytes);
  for (const input of model.inputs) tensor(4, input);
  for (const output of model.outputs) tensor(5, output);
  return Buffer.from(writer.bytes);
}

interface ConfiguredTensor {
  readonly name: string;
  readonly data_type: string;
  readonly dims: readonly number[];
}

/** Triton's `inference.DataType`, by number. */
const DATA_TYPES = ['INVALID', 'BOOL', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'INT8', 'INT16', 'INT32', 'INT64', 'FP16', 'FP32', 'FP64', 'STRING', 'BF16'].map((word) => `TYPE_${word}`);

/** A `ModelConfigResponse` (Triton's model_config.proto). */
export function writeModelConfig(config: {
  readonly name: string; readonly platform: string; readonly backend: string; readonly max_batch_size: number;
  readonly input: readonly ConfiguredTensor[]; readonly output: readonly ConfiguredTensor[];
  readonly dynamic_batching: { readonly preferred_batch_size: readonly number[]; readonly max_queue_delay_microseconds: number };
}): Buffer {
  part.reset().text(1, config.name).text(2, config.platform).varint(4, config.max_batch_size);
  const tensor = (dimsField: number, { name, data_type: type, dims }: ConfiguredTensor): Uint8Array => inner.reset().text(1, name).varint(2, Math.max(0, DATA_TYPES.indexOf(type))).packedSigned(dimsField, dims).bytes;
  for (const input of config.input) part.nested(5, tensor(4, input));
  for (const output of config.output) part.nested(6, tensor(3, output));
  const { preferred_batch_size: sizes, max_queue_delay_microseconds: delay } = config.dynamic_batching;
  part.nested(11, inner.reset().packed(1, sizes).varint(2, delay).bytes).text(17, config.backend);
  return Buffer.from(writer.reset().nested(1, part.bytes).bytes);
}

interface Duration {
  readonly count: number;
  readonly ns: number;
}

const DURATIONS = ['success', 'fail', 'queue', 'compute_input', 'compute_infer', 'compute_output', 'cache_hit', 'cache_miss'] as const;
const BATCH_DURATIONS = ['compute_input', 'compute_infer', 'compute_output'] as const;

/** A `ModelStatisticsResponse`. */
export function writeModelStatistics(models: readonly {
  readonly name: string; readonly version: string; readonly last_inference: number; readonly inference_count: number; readonly execution_count: number;
  readonly inference_stats: Readonly<Record<(typeof DURATIONS)[number], Duration>>;
  readonly batch_stats: readonly ({ readonly batch_size: number } & Readonly<Record<(typeof BATCH_DURATIONS)[number], Duration>>)[];
}[]): Buffer {
  writer.reset();
  for (const model of models) {
    part.reset().text(1, model.name).text(2, model.version).varint(3, model.last_inference).varint(4, model.inference_count).varint(5, model.execution_count);
    inner.reset();
    for (const [at, key] of DURATIONS.entries()) inner.nested(at + 1, duration(model.inference_stats[key]));
    part.nested(6, inner.bytes);
    for (const batch of model.batch_stats) {
      inner.reset().varint(1, batch.batch_size);
      for (const [at, key] of BATCH_DURATIONS.entries()) inner.nested(at + 2, duration(batch[key]));
      part.nested(7, inner.bytes);
    }
    writer.nested(1, part.bytes);
  }
  return Buffer.from(writer.bytes);
}

function duration({ count, ns }: Duration): Uint8Array {
  return innermost.reset().varint(1, count).varint(2, ns).bytes;
}

/** A `RepositoryIndexRequest`: whether only what is ready is wanted. */
export function readRepositoryIndexRequest(message: Buffer): { readonly readyOnly: boolean } {
  const reader = new ProtoReader(message);
  let readyOnly = false;
  while (reader.next()) {
    if (reader.field === 2) readyOnly = reader.varint() !== 0;
    else reader.skip();
  }
  return { readyOnly };
}

export function writeRepositoryIndex(models: readonly { readonly name: string; readonly version: string; readonly state: string; readonly reason: string }[]): Buffer {
  writer.reset();
  for (const { name, version, state, reason } of models) writer.nested(1, part.reset().text(1, name).text(2, version).text(3, state).text(4, reason).bytes);
  return Buffer.from(writer.bytes);
}

/** A `RepositoryModelLoadRequest` or `…UnloadRequest`: the model, and the parameter keys that were given. */
export function readRepositoryChange(message: Buffer): { readonly model: string; readonly parameters: readonly string[] } {
  const reader = new ProtoReader(message);
  const parameters: string[] = [];
  let model = '';
  while (reader.next()) {
    if (reader.field === 2) model = reader.text();
    else if (reader.field === 3 && parameters.length < 64) parameters.push(readModelName(reader.bytes.subarray(...spanOf(reader))).name);
    else reader.skip();
  }
  return { model, parameters };
}

function spanOf(reader: ProtoReader): [from: number, to: number] {
  const { from, length } = reader.span();
  return [from, from + length];
}
