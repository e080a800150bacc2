import { OIP_DATATYPE, dtypeOfOip } from '../../../protos/oip-datatype.ts';
import { MAX_PAYLOAD_BYTES, WireError } from '../../../protos/wire.ts';
import type { ReplicaBatch } from '../../domain/replica.ts';
import { gatherInput, planInput } from '../batch-encoder.ts';
import type { PlannedInput } from '../batch-header.ts';
import type { FilledBuffer, SendBuffers } from '../send-buffers.ts';
import { latestBudgetMicros } from './budget.ts';
import { joinTensors, type LooseTensor } from './joined-tensors.ts';
import { ProtoReader, ProtoWriter, varintBytes, writeVarint } from '../../../protos/protobuf.ts';
import type { Answered, AnsweredTensor, ServerOptions } from './server.ts';
import { readTypedContents } from '../../../protos/oip-contents.ts';

/** Compressed flag and length, before each gRPC message. */
export const GRPC_PREFIX_BYTES = 5;
const RAW_INPUT_CONTENTS = 7;

const head = new ProtoWriter();
const part = new ProtoWriter();
const inner = new ProtoWriter();

/**
 * Writes a batch as one `ModelInferRequest` with raw contents, gRPC prefix included, into a pooled buffer. A string says
 * why it cannot be one.
 */
export function encodeInfer(batch: ReplicaBatch, model: Pick<ServerOptions, 'model' | 'version' | 'unbatched'>, buffers: SendBuffers): FilledBuffer | string {
  const first = batch.slices[0]?.query;
  if (first === undefined) throw new RangeError('a batch without rows');
  const inputs = first.columns.map((column) => planInput(column, batch, undefined));
  const header = writeHead(batch, model, inputs);
  const payload = inputs.reduce((sum, { bytes }) => sum + 1 + varintBytes(bytes) + bytes, 0);
  if (payload > MAX_PAYLOAD_BYTES) return `a batch of ${payload} bytes; a call carries at most ${MAX_PAYLOAD_BYTES}`;
  const length = GRPC_PREFIX_BYTES + header.length + payload;
  const buffer = buffers.take(length);
  buffer[0] = 0;
  buffer.writeUInt32BE(header.length + payload, 1);
  buffer.set(header, GRPC_PREFIX_BYTES);
  let at = GRPC_PREFIX_BYTES + header.length;
  inputs.forEach((input, i) => {
    buffer[at] = RAW_INPUT_CONTENTS * 8 + 2;
    const start = writeVarint(buffer, input.bytes, at + 1);
    at = gatherInput(buffer, start, batch.slices, i, input.column.name);
    if (at - start !== input.bytes) throw new RangeError(`input "${input.column.name}": ${at - start} bytes gathered, ${input.bytes} planned`);
  });
  return { buffer, length };
}

function writeHead(batch: ReplicaBatch, { model, version, unbatched }: Pick<ServerOptions, 'model' | 'version' | 'unbatched'>, inputs: readonly PlannedInput[]): Uint8Array {
  head.reset().text(1, model);
  if (version !== undefined) head.text(2, version);
  head.nested(4, part.reset().text(1, 'timeout').nested(2, inner.reset().varint(2, latestBudgetMicros(batch)).bytes).bytes);
  for (const { column } of inputs) {
    part.reset().text(1, column.name).text(2, OIP_DATATYPE[column.dtype]).packed(3, unbatched ? column.shape : [batch.rows, ...column.shape]);
    head.nested(5, part.bytes);
  }
  return head.bytes;
}

interface OutputHead {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly contents: ProtoReader | undefined;
}

/** Reads a `ModelInferResponse`. Throws `WireError` where it is none. With raw contents nothing is copied. */
export function decodeInfer(message: Buffer): Answered {
  const reader = new ProtoReader(message);
  const outputs: OutputHead[] = [];
  const raw: { readonly from: number; readonly length: number }[] = [];
  while (reader.next()) {
    if (reader.field === 5) outputs.push(readOutput(reader.message()));
    else if (reader.field === 6) raw.push(reader.span());
    else reader.skip();
  }
  if (raw.length === 0) return joinTensors(outputs.map(typed));
  if (raw.length !== outputs.length) throw new WireError(`${raw.length} raw contents for ${outputs.length} outputs`);
  const tensors = outputs.map(({ name, datatype, shape }, i): AnsweredTensor => ({ name, datatype, shape, offset: raw[i]?.from ?? 0, bytes: raw[i]?.length ?? 0 }));
  return { payload: message, tensors };
}

function readOutput(reader: ProtoReader): OutputHead {
  let name = '';
  let datatype = '';
  const shape: number[] = [];
  let contents: ProtoReader | undefined;
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) datatype = reader.text();
    else if (reader.field === 3) reader.varints(() => shape.push(reader.varint()));
    else if (reader.field === 5) contents = reader.message();
    else reader.skip();
  }
  return { name, datatype, shape, contents };
}

function typed({ name, datatype, shape, contents }: OutputHead): LooseTensor {
  const dtype = dtypeOfOip(datatype);
  const data = contents === undefined || dtype === undefined ? new Uint8Array() : readTypedContents(contents, dtype);
  return { name, datatype, shape, data };
}
