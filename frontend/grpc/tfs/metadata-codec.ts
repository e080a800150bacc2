import { ProtoReader, ProtoWriter } from '../../../protos/protobuf.ts';
import { tensorflowNumber } from '../../../protos/tensorflow-datatype.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import { LOAD_ERROR, VERSION_STATE, type VersionStatus } from '../../protocols/tfs/model-status.ts';
import { METHOD_NAME, type PublishedSignature } from '../../protocols/tfs/signature.ts';
import { readModelSpec, writeModelSpec, type ModelSpec } from './model-spec.ts';

/** `GetModelMetadataRequest`. */
export interface MetadataRequest {
  readonly spec: ModelSpec | undefined;
  readonly fields: readonly string[];
}

export function readMetadataRequest(message: Buffer): MetadataRequest {
  const reader = new ProtoReader(message);
  const fields: string[] = [];
  let spec: ModelSpec | undefined;
  while (reader.next()) {
    if (reader.field === 1) spec = readModelSpec(reader.message());
    else if (reader.field === 2) fields.push(reader.text());
    else reader.skip();
  }
  return { spec, fields };
}

/** `GetModelMetadataResponse` with the one field that there is, `signature_def`: an Any around a `SignatureDefMap`. */
export function metadataResponse(name: string, version: number, signatures: readonly PublishedSignature[]): Buffer {
  const map = new ProtoWriter();
  for (const signature of signatures) map.nested(1, entry(signature.name, signatureDef(signature)));
  const any = new ProtoWriter().text(1, 'type.googleapis.com/tensorflow.serving.SignatureDefMap').nested(2, map.bytes).bytes;
  return Buffer.from(new ProtoWriter().nested(1, writeModelSpec(name, version, '')).nested(2, entry('signature_def', any)).bytes);
}

function signatureDef({ inputs, outputs, method }: PublishedSignature): Uint8Array {
  const writer = new ProtoWriter();
  for (const input of inputs) writer.nested(1, entry(input.name, tensorInfo(input)));
  for (const output of outputs) writer.nested(2, entry(output.name, tensorInfo(output)));
  return writer.text(3, METHOD_NAME[method]).bytes;
}

/** `Dim { size: -1 }`: of a number below 0 protobuf writes all 64 bits. */
const ANY_EXTENT = Uint8Array.of(0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);

function tensorInfo({ name, dtype, shape }: TensorSpec): Uint8Array {
  const extents = new ProtoWriter();
  for (const extent of shape) extents.nested(2, extent < 0 ? ANY_EXTENT : new ProtoWriter().varint(1, extent).bytes);
  return new ProtoWriter().text(1, name).varint(2, tensorflowNumber(dtype)).nested(3, extents.bytes).bytes;
}

/** An entry of a map from text to messages. */
function entry(key: string, value: Uint8Array): Uint8Array {
  return new ProtoWriter().text(1, key).nested(2, value).bytes;
}

/** `GetModelStatusResponse`. A status that is OK has no bytes. */
export function statusResponse(statuses: readonly VersionStatus[]): Buffer {
  const writer = new ProtoWriter();
  for (const { version, state, error } of statuses) {
    const status = error === undefined ? new ProtoWriter() : new ProtoWriter().varint(1, LOAD_ERROR.number).text(2, error);
    writer.nested(1, new ProtoWriter().varint(1, version).varint(2, VERSION_STATE[state]).nested(3, status.bytes).bytes);
  }
  return Buffer.from(writer.bytes);
}
