import { ProtoReader, ProtoWriter, varintBytes, writeVarint } from './protobuf.ts';
import { WireError } from './wire.ts';

/** An `InferParameter`. Whole numbers beyond 2^53 come rounded. */
export type ParameterValue = boolean | number | string;
export type Parameters = ReadonlyMap<string, ParameterValue>;

/** Where some bytes of a message lie. */
export interface MessageSpan {
  readonly from: number;
  readonly length: number;
}

export interface InferInput {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** Its elements one by one, where they are not among the raw ones. */
  readonly contents: MessageSpan | undefined;
}

export interface RequestedOutput {
  readonly name: string;
  readonly parameters: Parameters;
}

/** A `ModelInferRequest` whose tensors still lie in its bytes. */
export interface InferRequest {
  readonly model: string;
  readonly version: string;
  readonly id: string;
  readonly parameters: Parameters;
  readonly inputs: readonly InferInput[];
  readonly outputs: readonly RequestedOutput[];
  readonly raw: readonly MessageSpan[];
}

const NO_PARAMETERS: Parameters = new Map();
const MOST_PARAMETERS = 256;
const MOST_TENSORS = 1024;
const MOST_EXTENTS = 32;

/** Reads a `ModelInferRequest`; unknown fields are passed over. Throws `WireError` on bytes that are none. */
export function readInferRequest(message: Buffer): InferRequest {
  const reader = new ProtoReader(message);
  const inputs: InferInput[] = [];
  const outputs: RequestedOutput[] = [];
  const raw: MessageSpan[] = [];
  let parameters = NO_PARAMETERS;
  let model = '';
  let version = '';
  let id = '';
  while (reader.next()) {
    switch (reader.field) {
      case 1: model = reader.text(); break;
      case 2: version = reader.text(); break;
      case 3: id = reader.text(); break;
      case 4: parameters = withParameter(parameters, reader.message()); break;
      case 5: bounded(inputs).push(readInput(reader.message())); break;
      case 6: bounded(outputs).push(readRequested(reader.message())); break;
      case 7: bounded(raw).push(reader.span()); break;
      default: reader.skip();
    }
  }
  return { model, version, id, parameters, inputs, outputs, raw };
}

function bounded<T>(list: T[]): T[] {
  if (list.length >= MOST_TENSORS) throw new WireError(`more than ${MOST_TENSORS} tensors`);
  return list;
}

function readInput(reader: ProtoReader): InferInput {
  const shape: number[] = [];
  let name = '';
  let datatype = '';
  let contents: MessageSpan | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1: name = reader.text(); break;
      case 2: datatype = reader.text(); break;
      case 3: reader.varints(() => {
        if (shape.push(reader.varint()) > MOST_EXTENTS) throw new WireError(`a shape of more than ${MOST_EXTENTS} extents`);
      }); break;
      case 5: contents = reader.span(); break;
      default: reader.skip();
    }
  }
  return { name, datatype, shape, contents };
}

function readRequested(reader: ProtoReader): RequestedOutput {
  let name = '';
  let parameters = NO_PARAMETERS;
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) parameters = withParameter(parameters, reader.message());
    else reader.skip();
  }
  return { name, parameters };
}

function withParameter(before: Parameters, entry: ProtoReader): Parameters {
  const parameters = before === NO_PARAMETERS ? new Map<string, ParameterValue>() : before as Map<string, ParameterValue>;
  if (parameters.size >= MOST_PARAMETERS) throw new WireError(`more than ${MOST_PARAMETERS} parameters`);
  let key = '';
  let value: ParameterValue | undefined;
  while (entry.next()) {
    if (entry.field === 1) key = entry.text();
    else if (entry.field === 2) value = readParameter(entry.message());
    else entry.skip();
  }
  if (value !== undefined) parameters.set(key, value);
  return parameters;
}

function readParameter(reader: ProtoReader): ParameterValue | undefined {
  let value: ParameterValue | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1: value = reader.varint() !== 0; break;
      case 2: value = reader.varint(); break;
      case 3: value = reader.text(); break;
      case 4: value = readDouble(reader.fixed(8)); break;
      case 5: value = Number(reader.bigVarint()); break;
      default: reader.skip();
    }
  }
  return value;
}

function readDouble(bytes: Buffer): number {
  if (bytes.length !== 8) throw new WireError(`a double of ${bytes.length} bytes`);
  return bytes.readDoubleLE();
}

/** An output whose elements `write` puts at `at`, exactly `bytes` of them. */
export interface InferOutput {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly write: (target: Buffer, at: number) => void;
}

export interface InferResponse {
  readonly model: string;
  readonly version: string;
  readonly id: string;
  readonly parameters: Readonly<Record<string, ParameterValue | undefined>>;
  readonly outputs: readonly InferOutput[];
}

const head = new ProtoWriter();
const part = new ProtoWriter();
const value = new ProtoWriter();
const PARAMETER_DOUBLE = 4;
const RAW_OUTPUT_CONTENTS = 6;

/**
 * Writes a `ModelInferResponse` with raw contents, behind what `prefix` says for its length: the frame that it travels in, or
 * the head of the message around it (`streamPrefix`).
 */
export function writeInferResponse(response: InferResponse, prefix: (bytes: number) => Uint8Array): Buffer {
  const { outputs } = response;
  writeHead(response);
  let bytes = head.bytes.length;
  for (const output of outputs) bytes += 1 + varintBytes(output.bytes) + output.bytes;
  const before = prefix(bytes);
  const message = Buffer.allocUnsafe(before.length + bytes);
  message.set(before);
  message.set(head.bytes, before.length);
  let at = before.length + head.bytes.length;
  for (const output of outputs) {
    message[at] = RAW_OUTPUT_CONTENTS * 8 + 2;
    at = writeVarint(message, output.bytes, at + 1);
    output.write(message, at);
    at += output.bytes;
  }
  return message;
}

function writeHead({ model, version, id, parameters, outputs }: InferResponse): void {
  head.reset().text(1, model).text(2, version);
  if (id !== '') head.text(3, id);
  for (const key in parameters) {
    const parameter = parameters[key];
    if (parameter !== undefined) head.nested(4, part.reset().text(1, key).nested(2, parameterBytes(parameter)).bytes);
  }
  for (const { name, datatype, shape } of outputs) head.nested(5, part.reset().text(1, name).text(2, datatype).packed(3, shape).bytes);
}

function parameterBytes(parameter: ParameterValue): Uint8Array {
  value.reset();
  if (typeof parameter === 'boolean') return value.varint(1, parameter ? 1 : 0).bytes;
  if (typeof parameter === 'string') return value.text(3, parameter).bytes;
  return Number.isSafeInteger(parameter) && parameter >= 0 ? value.varint(2, parameter).bytes : value.double(PARAMETER_DOUBLE, parameter).bytes;
}

/** A `ModelStreamInferResponse` around an answer (`infer_response = 2`), as the prefix of its bytes. */
export function streamPrefix(bytes: number): Uint8Array {
  const prefix = new Uint8Array(1 + varintBytes(bytes));
  prefix[0] = 2 * 8 + 2;
  writeVarint(prefix, bytes, 1);
  return prefix;
}

/** A `ModelStreamInferResponse` that says why there is no answer; the request's id stands in an otherwise empty one. */
export function writeStreamError(message: string, id: string): Buffer {
  const inner = part.reset();
  if (id !== '') inner.text(3, id);
  return Buffer.from(head.reset().text(1, message).nested(2, inner.bytes).bytes);
}
