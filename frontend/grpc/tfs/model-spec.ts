import { ProtoWriter, type ProtoReader } from '../../../protos/protobuf.ts';
import type { ModelName } from '../../protocols/tfs/servable.ts';

/** `tensorflow.serving.ModelSpec`. */
export interface ModelSpec extends ModelName {
  readonly signatureName: string;
}

const NOBODY: ModelSpec = Object.freeze({ name: '', signatureName: '' });

export function readModelSpec(reader: ProtoReader): ModelSpec {
  let name = '';
  let signatureName = '';
  let version: number | undefined;
  let label: string | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1: name = reader.text(); break;
      case 3: signatureName = reader.text(); break;
      // A oneof: the last one counts.
      case 2: version = readInt64Value(reader.message()); label = undefined; break;
      case 4: label = reader.text(); version = undefined; break;
      default: reader.skip();
    }
  }
  return { name, signatureName, ...(version === undefined ? {} : { version }), ...(label === undefined || label === '' ? {} : { label }) };
}

/** Reads a message of which nothing but `model_spec`, field 1, matters. */
export function readOnlyModelSpec(reader: ProtoReader): ModelSpec {
  let spec = NOBODY;
  while (reader.next()) {
    if (reader.field === 1) spec = readModelSpec(reader.message());
    else reader.skip();
  }
  return spec;
}

const spec = new ProtoWriter();
const wrapped = new ProtoWriter();

/** What an answer echoes: the name as it was asked, the concrete version. Valid until the next call. */
export function writeModelSpec(name: string, version: number, signatureName: string): Uint8Array {
  return spec.reset().text(1, name).nested(2, wrapped.reset().varint(1, version).bytes).text(3, signatureName).bytes;
}

function readInt64Value(reader: ProtoReader): number {
  let value = 0;
  while (reader.next()) {
    if (reader.field === 1) value = reader.varint();
    else reader.skip();
  }
  return value;
}
