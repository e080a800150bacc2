import { OIP_DATATYPE, dtypeOfOip } from '../../../protos/oip-datatype.ts';
import { MAX_PAYLOAD_BYTES, WireError, padTo8 } from '../../../protos/wire.ts';
import type { ReplicaBatch } from '../../domain/replica.ts';
import { gatherInput, planInput } from '../batch-encoder.ts';
import type { PlannedInput } from '../batch-header.ts';
import type { FilledBuffer, SendBuffers } from '../send-buffers.ts';
import { latestBudgetMicros } from './budget.ts';
import { joinTensors, type LooseTensor } from './joined-tensors.ts';
import { dataBytes, dataText } from './json-data.ts';
import { boundNesting } from './json-nesting.ts';
import type { Answered } from './server.ts';

/** A batch as an HTTP body: JSON of `jsonLength` bytes, then raw tensors where the binary extension is spoken. */
export interface EncodedBody extends FilledBuffer {
  readonly jsonLength: number;
}

interface BodyOptions {
  readonly unbatched: boolean;
  /** The server lists `binary_tensor_data`: tensors go raw behind the JSON. */
  readonly binary: boolean;
}

/** Writes a batch as one inference request into a pooled buffer. A string says why it cannot be one. */
export function encodeBody(batch: ReplicaBatch, options: BodyOptions, buffers: SendBuffers): EncodedBody | string {
  const first = batch.slices[0]?.query;
  if (first === undefined) throw new RangeError('a batch without rows');
  const inputs = first.columns.map((column) => planInput(column, batch, undefined));
  const payload = inputs.reduce((sum, { bytes }) => sum + bytes, 0);
  if (payload > MAX_PAYLOAD_BYTES) return `a batch of ${payload} bytes; a call carries at most ${MAX_PAYLOAD_BYTES}`;
  return options.binary ? binaryBody(batch, inputs, options, buffers) : textBody(batch, inputs, options, buffers);
}

function binaryBody(batch: ReplicaBatch, inputs: readonly PlannedInput[], { unbatched }: BodyOptions, buffers: SendBuffers): EncodedBody {
  const json = JSON.stringify({
    parameters: { timeout: latestBudgetMicros(batch), binary_data_output: true },
    inputs: inputs.map((input) => ({ ...headOf(input, batch, unbatched), parameters: { binary_data_size: input.bytes } })),
  });
  const jsonLength = Buffer.byteLength(json);
  const length = inputs.reduce((sum, { bytes }) => sum + bytes, jsonLength);
  const buffer = buffers.take(length);
  buffer.write(json);
  let at = jsonLength;
  inputs.forEach((input, i) => {
    const end = gatherInput(buffer, at, batch.slices, i, input.column.name);
    if (end - at !== input.bytes) throw new RangeError(`input "${input.column.name}": ${end - at} bytes gathered, ${input.bytes} planned`);
    at = end;
  });
  return { buffer, length, jsonLength };
}

function textBody(batch: ReplicaBatch, inputs: readonly PlannedInput[], { unbatched }: BodyOptions, buffers: SendBuffers): EncodedBody | string {
  const heads: string[] = [];
  for (const [i, input] of inputs.entries()) {
    const scratch = buffers.take(padTo8(input.bytes));
    gatherInput(scratch, 0, batch.slices, i, input.column.name);
    const data = dataText(input.column.dtype, scratch.subarray(0, input.bytes));
    buffers.give(scratch);
    if (data === undefined) return `input "${input.column.name}" holds values that JSON cannot carry, and the server does not list binary_tensor_data`;
    heads.push(`${JSON.stringify(headOf(input, batch, unbatched)).slice(0, -1)},"data":[${data}]}`);
  }
  const json = `{"parameters":{"timeout":${latestBudgetMicros(batch)}},"inputs":[${heads.join(',')}]}`;
  const length = Buffer.byteLength(json);
  const buffer = buffers.take(length);
  buffer.write(json);
  return { buffer, length, jsonLength: length };
}

function headOf({ column }: PlannedInput, batch: ReplicaBatch, unbatched: boolean): { name: string; shape: readonly number[]; datatype: string } {
  return { name: column.name, shape: unbatched ? column.shape : [batch.rows, ...column.shape], datatype: OIP_DATATYPE[column.dtype] };
}

/** Parsed, JSON can take many times its length, and nothing else is served meanwhile: as much as a request of our own may have. */
const MAX_JSON_BYTES = 32 * 1024 * 1024;

/** Reads the answer, whose JSON is the first `jsonLength` bytes of `body`. Throws `WireError` where it is none. */
export function decodeBody(body: Buffer, jsonLength: number): Answered {
  if (!(jsonLength <= body.length)) throw new WireError(`an answer of ${body.length} bytes whose JSON is said to take ${jsonLength}`);
  if (jsonLength > MAX_JSON_BYTES) throw new WireError(`an answer with ${jsonLength} bytes of JSON; at most ${MAX_JSON_BYTES} are read, more only as binary_tensor_data`);
  boundNesting(body.subarray(0, jsonLength));
  const outputs = (parseAnswer(body.toString('utf8', 0, jsonLength)) as { outputs?: unknown } | null)?.outputs;
  if (!Array.isArray(outputs)) throw new WireError('an answer without a list of outputs');
  const read = outputs.map(readOutput);
  let at = jsonLength;
  const loose = read.map(({ head, data, binaryBytes }): LooseTensor & { readonly offset: number } => {
    const offset = at;
    at += binaryBytes ?? 0;
    if (at > body.length) throw new WireError(`output "${head.name}" goes beyond the answer`);
    return { ...head, offset, data: data ?? body.subarray(offset, at) };
  });
  // Not told by whose memory it is: small buffers share theirs.
  if (read.some(({ data }) => data !== undefined)) return joinTensors(loose);
  return { payload: body, tensors: loose.map(({ name, datatype, shape, offset, data }) => ({ name, datatype, shape, offset, bytes: data.length })) };
}

interface ReadOutput {
  readonly head: { readonly name: string; readonly datatype: string; readonly shape: readonly number[] };
  readonly data?: Uint8Array;
  readonly binaryBytes?: number;
}

function readOutput(output: unknown): ReadOutput {
  const { name, datatype, shape, data, parameters } = (typeof output === 'object' && output !== null ? output : {}) as Record<string, unknown>;
  if (typeof name !== 'string' || typeof datatype !== 'string' || !isShape(shape)) throw new WireError('an output without name, datatype and shape');
  const head = { name, datatype, shape };
  const size = (typeof parameters === 'object' && parameters !== null ? parameters : {}) as { binary_data_size?: unknown };
  if (typeof size.binary_data_size === 'number') {
    if (!Number.isSafeInteger(size.binary_data_size) || size.binary_data_size < 0) throw new WireError(`output "${name}" has a binary_data_size of ${size.binary_data_size}`);
    return { head, binaryBytes: size.binary_data_size };
  }
  const dtype = dtypeOfOip(datatype);
  const bytes = dtype === undefined ? undefined : dataBytes(dtype, data);
  if (bytes === undefined) throw new WireError(`output "${name}" holds no data of datatype ${datatype}`);
  return { head, data: bytes };
}

function isShape(shape: unknown): shape is readonly number[] {
  return Array.isArray(shape) && shape.length <= 32 && shape.every((extent) => Number.isSafeInteger(extent));
}

/** Whole numbers beyond 2^53 come as BigInt: they would lose their last digits as numbers. */
function parseAnswer(text: string): unknown {
  try {
    if (!/[1-9]\d{15}/.test(text)) return JSON.parse(text);
    return JSON.parse(text, exactly as (key: string, value: unknown) => unknown);
  } catch {
    throw new WireError('an answer that is not JSON');
  }
}

/** A reviver with the third argument of ECMAScript's "JSON.parse source text access", which the types do not know yet. */
function exactly(_: string, value: unknown, { source = '' }: { source?: string }): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;
}
