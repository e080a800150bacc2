import { ProtoReader, ProtoWriter } from '../../../protos/protobuf.ts';
import type { ModelMetadata, ServerFacts, TensorMetadata } from './server.ts';

const writer = new ProtoWriter();

/** `{name = 1, version = 2}`: what asks for a model's readiness, metadata and configuration. */
export function encodeModelName(model: string, version: string | undefined): Uint8Array {
  writer.reset().text(1, model);
  if (version !== undefined) writer.text(2, version);
  return Uint8Array.from(writer.bytes);
}

/** `ServerReadyResponse` and `ModelReadyResponse`. */
export function decodeReady(message: Buffer): boolean {
  const reader = new ProtoReader(message);
  let ready = false;
  while (reader.next()) {
    if (reader.field === 1) ready = reader.varint() !== 0;
    else reader.skip();
  }
  return ready;
}

export function decodeServerMetadata(message: Buffer): ServerFacts {
  const reader = new ProtoReader(message);
  const extensions: string[] = [];
  let name = '';
  let version = '';
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) version = reader.text();
    else if (reader.field === 3) extensions.push(reader.text());
    else reader.skip();
  }
  return { name, version, extensions };
}

export function decodeModelMetadata(message: Buffer): ModelMetadata {
  const reader = new ProtoReader(message);
  const inputs: TensorMetadata[] = [];
  const outputs: TensorMetadata[] = [];
  let platform = '';
  while (reader.next()) {
    if (reader.field === 3) platform = reader.text();
    else if (reader.field === 4) inputs.push(readTensor(reader.message()));
    else if (reader.field === 5) outputs.push(readTensor(reader.message()));
    else reader.skip();
  }
  return { platform, inputs, outputs };
}

function readTensor(reader: ProtoReader): TensorMetadata {
  const shape: number[] = [];
  let name = '';
  let datatype = '';
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) datatype = reader.text();
    else if (reader.field === 3) reader.varints(() => shape.push(reader.varint()));
    else reader.skip();
  }
  return { name, datatype, shape };
}

/** Triton's `ModelConfigResponse`: `config = 1`, of which `max_batch_size = 4`; 0 where it batches nothing. */
export function decodeMaxBatchSize(message: Buffer): number {
  const reader = new ProtoReader(message);
  let size = 0;
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    const config = reader.message();
    while (config.next()) {
      if (config.field === 4) size = config.varint();
      else config.skip();
    }
  }
  return size;
}
