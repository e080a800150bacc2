import type { Dtype } from '../../protos/dtype.ts';
import type { AnswerRow, OutputTensor } from '../domain/answer.ts';
import { isCached, type Given } from './answer-json.ts';

/** A predict answer as raw little-endian elements, rows one after another, and headers that say the rest. */
export interface BinaryAnswer {
  readonly bytes: Buffer;
  /** Names and values in turn, as `writeHead` takes them. */
  readonly headers: readonly string[];
}

/**
 * The answer in binary, or undefined where it has no such form and goes out as JSON: several outputs, rows that differ in
 * dtype or shape, dtype `bytes`, words for labels, a default that is some JSON. Labels that are integers go as int64,
 * values as float64. `tradewind-shape` has a batch axis in front where `many` rows were asked for.
 */
export function answerBinary(answer: Given, many: boolean): BinaryAnswer | undefined {
  const payload = tensorPayload(answer.rows) ?? numberPayload(answer.rows);
  if (payload === undefined) return undefined;
  const shape = many ? [answer.rows.length, ...payload.shape] : payload.shape;
  const headers = ['tradewind-dtype', payload.dtype, 'tradewind-shape', shape.join(','), 'tradewind-source', answer.source];
  if (answer.decisionId !== undefined) headers.push('tradewind-decision-id', answer.decisionId);
  if (answer.model !== undefined) headers.push('tradewind-model', answer.model);
  if (answer.version !== undefined) headers.push('tradewind-version', String(answer.version));
  if (answer.reason !== undefined) headers.push('tradewind-reason', answer.reason);
  if (isCached(answer.rows)) headers.push('tradewind-cached', 'true');
  const confidence = answer.rows[0]?.confidence;
  // One a row would be a header without bound.
  if (!many && confidence !== undefined) headers.push('tradewind-confidence', String(confidence));
  headers.push('tradewind-latency-ms', String(answer.latencyMicros / 1000));
  if (answer.missing !== undefined) headers.push('tradewind-missing', answer.missing.join(','));
  return { bytes: payload.bytes, headers };
}

interface Payload {
  readonly dtype: Dtype;
  /** Of one row. */
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

function tensorPayload(rows: readonly AnswerRow[]): Payload | undefined {
  const tensors: OutputTensor[] = [];
  let totalBytes = 0;
  for (const { output } of rows) {
    const tensor = output.kind === 'tensors' && output.tensors.length === 1 ? output.tensors[0] : undefined;
    if (tensor === undefined || tensor.dtype === 'bytes' || !alike(tensor, tensors[0] ?? tensor)) return undefined;
    tensors.push(tensor);
    totalBytes += tensor.lengthBytes;
  }
  const [first] = tensors;
  if (first === undefined) return undefined;
  // Copied: the socket may still hold the bytes when the slab is already used anew.
  const bytes = Buffer.allocUnsafe(totalBytes);
  let at = 0;
  for (const { slab, offset, lengthBytes } of tensors) {
    bytes.set(slab.bytes.subarray(offset, offset + lengthBytes), at);
    at += lengthBytes;
  }
  return { dtype: first.dtype, shape: first.shape, bytes };
}

function alike(a: OutputTensor, b: OutputTensor): boolean {
  return a.dtype === b.dtype && a.name === b.name && a.shape.length === b.shape.length && a.shape.every((extent, axis) => extent === b.shape[axis]);
}

function numberPayload(rows: readonly AnswerRow[]): Payload | undefined {
  const bytes = Buffer.allocUnsafe(rows.length * 8);
  const kind = rows[0]?.output.kind;
  let at = 0;
  for (const { output } of rows) {
    if (output.kind !== kind) return undefined;
    if (output.kind === 'label' && Number.isSafeInteger(output.label)) bytes.writeBigInt64LE(BigInt(output.label), at);
    else if (output.kind === 'value') bytes.writeDoubleLE(output.value, at);
    else return undefined;
    at += 8;
  }
  return kind === undefined ? undefined : { dtype: kind === 'label' ? 'int64' : 'float64', shape: [], bytes };
}
