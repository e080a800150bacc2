import { OIP_DATATYPE } from '../../../protos/oip-datatype.ts';
import type { AnswerFacts } from '../../protocols/answer-facts.ts';
import type { AnswerTensor } from '../../protocols/answer-tensors.ts';
import type { InferAnswer } from '../../protocols/oip/infer-answer.ts';
import { elementsJson, numberJson } from '../tensor-json.ts';
import type { InferBody } from './infer-body.ts';

export interface InferReply {
  readonly body: string | Buffer;
  /** Names and values in turn, as `writeHead` takes them; the length is not among them. */
  readonly headers: readonly string[];
}

/** By hand: receipts, names and codes need no escaping. */
function factsJson({ decision_id: id, source, model, version, confidence, reason }: AnswerFacts): string {
  let json = id === undefined ? '{' : `{"decision_id":"${id}",`;
  json += `"source":"${source ?? ''}"`;
  if (model !== undefined) json += `,"model":"${model}"`;
  if (version !== undefined) json += `,"version":${version}`;
  if (confidence !== undefined) json += `,"confidence":${numberJson(confidence)}`;
  if (reason !== undefined) json += `,"reason":"${reason}"`;
  return `${json}}`;
}

type Asked = Pick<InferBody, 'id' | 'outputs' | 'binaryOutput'>;

/**
 * The body of an answer: JSON, or with raw outputs behind it where any was asked for so. Keys in this order: `model_name,
 * model_version, id?, parameters, outputs`. Made before it returns: the answer's slabs are then nobody's.
 */
export function inferReply({ model, version, facts, outputs }: InferAnswer, asked: Asked, requestId: string): InferReply {
  const id = asked.id === undefined ? '' : `"id":${JSON.stringify(asked.id)},`;
  let json = `{"model_name":"${model}","model_version":"${version}",${id}"parameters":${factsJson(facts)},"outputs":[`;
  let separator = '';
  let rawBytes = -1;
  for (const output of outputs) {
    const raw = isRaw(output, asked);
    if (raw) rawBytes = Math.max(0, rawBytes) + output.bytes;
    json += separator + tensorText(output, raw);
    separator = ',';
  }
  json += ']}';
  if (rawBytes < 0) return { body: json, headers: ['content-type', 'application/json', 'x-request-id', requestId] };
  const jsonBytes = Buffer.byteLength(json);
  const body = Buffer.allocUnsafe(jsonBytes + rawBytes);
  // A text of as many characters as bytes is ASCII, which needs no encoding.
  body.write(json, json.length === jsonBytes ? 'latin1' : 'utf8');
  let at = jsonBytes;
  for (const output of outputs) {
    if (!isRaw(output, asked)) continue;
    output.write(body, at);
    at += output.bytes;
  }
  return { body, headers: ['content-type', 'application/octet-stream', 'inference-header-content-length', String(jsonBytes), 'x-request-id', requestId] };
}

/** Bytes of the outputs that go out as JSON. */
export function jsonBytes({ outputs }: InferAnswer, asked: Asked): number {
  let bytes = 0;
  for (const output of outputs) if (!isRaw(output, asked)) bytes += output.bytes;
  return bytes;
}

function isRaw({ name }: AnswerTensor, { outputs, binaryOutput }: Asked): boolean {
  if (outputs.length === 0) return binaryOutput;
  return outputs.find((output) => output.name === name)?.binary ?? binaryOutput;
}

function tensorText(tensor: AnswerTensor, raw: boolean): string {
  const { name, dtype, shape, bytes } = tensor;
  const head = `{"name":${JSON.stringify(name)},"datatype":"${OIP_DATATYPE[dtype]}","shape":[${shape.join(',')}]`;
  return raw ? `${head},"parameters":{"binary_data_size":${bytes}}}` : `${head},"data":[${dataText(tensor)}]}`;
}

function dataText({ dtype, bytes, numbers, write }: AnswerTensor): string {
  if (numbers !== undefined) return dtype === 'int64' ? numbers.join(',') : numbers.map(numberJson).join(',');
  const data = Buffer.allocUnsafe(bytes);
  write(data, 0);
  return elementsJson(dtype, data);
}
