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

const JSON_HEADERS = Object.freeze(['content-type', 'application/json']);

/**
 * The body of an answer: JSON, or with raw outputs behind it where any was asked for so. Keys in this order: `model_name,
 * model_version, id?, parameters, outputs`. Made before it returns: the answer's slabs are then nobody's.
 */
export function inferReply({ model, version, facts, outputs }: InferAnswer, asked: Pick<InferBody, 'id' | 'outputs' | 'binaryOutput'>): InferReply {
  const isRaw = ({ name }: AnswerTensor): boolean => asked.outputs.find((output) => output.name === name)?.binary ?? asked.binaryOutput;
  const id = asked.id === undefined ? '' : `"id":${JSON.stringify(asked.id)},`;
  const json = `{"model_name":"${model}","model_version":"${version}",${id}"parameters":${factsJson(facts)},"outputs":[${outputs.map((output) => tensorText(output, isRaw(output))).join(',')}]}`;
  const raw = outputs.filter(isRaw);
  if (raw.length === 0) return { body: json, headers: JSON_HEADERS };
  const jsonBytes = Buffer.byteLength(json);
  const body = Buffer.allocUnsafe(raw.reduce((sum, { bytes }) => sum + bytes, jsonBytes));
  body.write(json);
  let at = jsonBytes;
  for (const output of raw) {
    output.write(body, at);
    at += output.bytes;
  }
  return { body, headers: ['content-type', 'application/octet-stream', 'inference-header-content-length', String(jsonBytes)] };
}

function tensorText(tensor: AnswerTensor, raw: boolean): string {
  const { name, dtype, shape, bytes } = tensor;
  const head = `{"name":${JSON.stringify(name)},"datatype":"${OIP_DATATYPE[dtype]}","shape":[${shape.join(',')}]`;
  if (raw) return `${head},"parameters":{"binary_data_size":${bytes}}}`;
  const data = Buffer.allocUnsafe(bytes);
  tensor.write(data, 0);
  return `${head},"data":[${elementsJson(dtype, data)}]}`;
}
