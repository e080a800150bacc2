import { ProtoReader } from '../../../protos/protobuf.ts';
import { WireError } from '../../../protos/wire.ts';
import type { VersionPolicy } from '../../domain/model.ts';
import type { ConfiguredModel } from '../../protocols/tfs/reload.ts';

/** A `ReloadConfigRequest`: the models; undefined where it holds a configuration of another kind, or none. */
export function readReloadRequest(message: Buffer): readonly ConfiguredModel[] | undefined {
  const reader = new ProtoReader(message);
  let models: readonly ConfiguredModel[] | undefined;
  while (reader.next()) {
    if (reader.field === 1) models = readServerConfig(reader.message());
    else reader.skip();
  }
  return models;
}

/** `ReloadConfigResponse`: its status is OK, which has no bytes. */
export const RELOADED: Buffer = Buffer.from([0x0a, 0]);

const MOST_MODELS = 4096;
const MOST_VERSIONS = 4096;

function readServerConfig(reader: ProtoReader): readonly ConfiguredModel[] | undefined {
  let models: ConfiguredModel[] | undefined;
  while (reader.next()) {
    if (reader.field === 1) models = readList(reader.message());
    else {
      // A configuration of another kind takes the place of a list.
      if (reader.field === 2) models = undefined;
      reader.skip();
    }
  }
  return models;
}

function readList(reader: ProtoReader): ConfiguredModel[] {
  const models: ConfiguredModel[] = [];
  while (reader.next()) {
    if (reader.field === 1) models.push(readModel(reader.message()));
    else reader.skip();
    if (models.length > MOST_MODELS) throw new WireError(`more than ${MOST_MODELS} models`);
  }
  return models;
}

function readModel(reader: ProtoReader): ConfiguredModel {
  const labels = new Map<string, number>();
  let name = '';
  let basePath = '';
  let versions: VersionPolicy | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1: name = reader.text(); break;
      case 2: basePath = reader.text(); break;
      case 7: versions = readPolicy(reader.message()); break;
      case 8: readLabel(reader.message(), labels); break;
      default: reader.skip();
    }
  }
  return { name, basePath, versions, labels };
}

function readPolicy(reader: ProtoReader): VersionPolicy | undefined {
  let policy: VersionPolicy | undefined;
  while (reader.next()) {
    switch (reader.field) {
      // A number that is not said is 1.
      case 100: policy = { latest: readNumbers(reader.message())[0] ?? 1 }; break;
      case 101: policy = 'all'; reader.skip(); break;
      case 102: policy = { specific: readNumbers(reader.message()) }; break;
      default: reader.skip();
    }
  }
  return policy;
}

function readNumbers(reader: ProtoReader): number[] {
  const numbers: number[] = [];
  while (reader.next()) {
    if (reader.field === 1) reader.varints(() => numbers.push(reader.varint()));
    else reader.skip();
    if (numbers.length > MOST_VERSIONS) throw new WireError(`more than ${MOST_VERSIONS} versions`);
  }
  return numbers;
}

function readLabel(entry: ProtoReader, labels: Map<string, number>): void {
  let label = '';
  let version = 0;
  while (entry.next()) {
    if (entry.field === 1) label = entry.text();
    else if (entry.field === 2) version = entry.varint();
    else entry.skip();
  }
  labels.set(label, version);
}
