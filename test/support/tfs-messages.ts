import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const root = protobuf.loadSync(fileURLToPath(new URL('../../protos/tensorflow_serving.proto', import.meta.url)));

type Json = Record<string, unknown>;

/** The bytes of a message of `tensorflow.serving` (or `tensorflow`, by its full name), by a codec that is not ours. Throws on what the message cannot hold. */
export function encode(name: string, value: Json): Buffer {
  const type = typeOf(name);
  return Buffer.from(type.encode(type.fromObject(value)).finish());
}

/** A message as plain values: 64-bit integers as text, bytes as base64, enums as words; fields that were not written are absent. */
export function decode(name: string, bytes: Uint8Array): Json {
  const type = typeOf(name);
  return type.toObject(type.decode(bytes), { longs: String, enums: String, bytes: String });
}

function typeOf(name: string): protobuf.Type {
  return root.lookupType(name.includes('.') ? name : `tensorflow.serving.${name}`);
}
