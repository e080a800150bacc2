import { WireError } from '../../../protos/wire.ts';
import { boundNesting } from './json-nesting.ts';
import type { ModelMetadata, ServerFacts, TensorMetadata } from './server.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The answer to `GET v2`. These throw `WireError` where it is something else. */
export function parseServerMetadata(body: Buffer): ServerFacts {
  const { name, version, extensions } = parseMap(body);
  return { name: textOf(name), version: textOf(version), extensions: Array.isArray(extensions) ? extensions.filter((one) => typeof one === 'string') : [] };
}

/** The answer to `GET v2/models/M`. */
export function parseModelMetadata(body: Buffer): ModelMetadata {
  const { platform, inputs, outputs } = parseMap(body);
  return { platform: textOf(platform), inputs: tensorsOf(inputs), outputs: tensorsOf(outputs) };
}

/** The answer to Triton's `GET v2/models/M/config`; 0 where it batches nothing. */
export function parseMaxBatchSize(body: Buffer): number {
  const size = parseMap(body)['max_batch_size'];
  return typeof size === 'number' && Number.isSafeInteger(size) ? size : 0;
}

function parseMap(body: Buffer): Fields {
  boundNesting(body);
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw new WireError('an answer that is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WireError('an answer that is no JSON object');
  return value as Fields;
}

function tensorsOf(list: unknown): readonly TensorMetadata[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new WireError('metadata whose inputs or outputs are no list');
  return list.map((one: unknown): TensorMetadata => {
    const { name, datatype, shape } = (typeof one === 'object' && one !== null ? one : {}) as Fields;
    if (typeof name !== 'string' || typeof datatype !== 'string' || !Array.isArray(shape)) throw new WireError('metadata with a tensor without name, datatype and shape');
    // Some servers write extents as text, as protobuf's JSON form does with int64.
    return { name, datatype, shape: shape.map(Number) };
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
