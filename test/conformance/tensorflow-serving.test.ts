import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { credentials, loadPackageDefinition, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, loadSync, type PackageDefinition } from '@grpc/proto-loader';
import type { BrokerProcess } from '../support/broker-process.ts';
import { startGoldenBroker } from '../support/golden-broker.ts';
import { findPart, requirePart } from '../support/requirements.ts';
import { matchLines, replayTranscript } from '../support/transcript.ts';

const run = promisify(execFile);
const PYTHON = findPart('tfs-client') ?? '';
const CLIENT = fileURLToPath(new URL('../clients/tfs_client.py', import.meta.url));
const PROTO = fileURLToPath(new URL('../../protos/tensorflow_serving.proto', import.meta.url));
const TRANSCRIPT = new URL('../support/golden/tfs-rest.txt', import.meta.url);
const ANSWERS = new URL('../support/golden/tfs-grpc.jsonl', import.meta.url);

let broker: BrokerProcess;
let address = '';
const cleanups: (() => Promise<void>)[] = [];

before(async () => {
  ({ broker, address } = await startGoldenBroker({ after: (clean) => void cleanups.push(clean) }));
});
after(async () => {
  for (const clean of cleanups.toReversed()) await clean();
});

test('REST: every exchange of the transcript comes out as it stands there', async () => {
  assert.ok(await replayTranscript(TRANSCRIPT, broker.url) > 30);
});

test('gRPC: the stubs of tensorflow-serving-api, as their package ships them', { skip: requirePart('tfs-client') }, async () => {
  const { stdout } = await run(PYTHON, [CLIENT, address], { timeout: 60_000 });
  matchLines(ANSWERS, stdout);
});

/** A client that the loader makes of descriptors. */
interface Loaded extends Client {
  Predict(request: object, done: (error: ServiceError | null, answer?: object) => void): void;
}

/** The answer, as plain values. */
async function predictBy(definition: PackageDefinition, request: object): Promise<unknown> {
  const { tensorflow } = loadPackageDefinition(definition) as unknown as { tensorflow: { serving: { PredictionService: new (address: string, by: ReturnType<typeof credentials.createInsecure>) => Loaded } } };
  const client = new tensorflow.serving.PredictionService(address, credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => client.Predict(request, (error, answer) => (error === null ? resolve(JSON.parse(JSON.stringify(answer))) : reject(error))));
  } finally {
    client.close();
  }
}

test('gRPC: grpc-js with the loader, over our descriptors', async () => {
  const input = { dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: 1 }, { size: 4 }] }, floatVal: [1, 2, 3, 4.5] };
  const answer = await predictBy(loadSync(PROTO, { longs: String, enums: String }), { modelSpec: { name: 'half', version: { value: 1 } }, inputs: { input } });
  assert.deepEqual(answer, {
    outputs: { output: { dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '1' }] }, floatVal: [10.5] } }, modelSpec: { name: 'half', version: { value: '1' }, signatureName: 'serving_default' },
  });
});

test('gRPC: grpc-js with the loader, over the published descriptors', { skip: requirePart('tfs-client') }, async () => {
  const { stdout } = await run(PYTHON, ['-c', DESCRIPTORS], { encoding: 'buffer', timeout: 60_000 });
  // Of a set of descriptors the loader makes names as they are written, and lists of entries instead of maps.
  const value = { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: 1 }, { size: 4 }] }, float_val: [1, 2, 3, 4.5] };
  const answer = await predictBy(loadFileDescriptorSetFromBuffer(stdout, { longs: String, enums: String }), { model_spec: { name: 'half', version: { value: 1 } }, inputs: [{ key: 'input', value }] });
  assert.deepEqual(answer, {
    outputs: [{ key: 'output', value: { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: '1' }] }, float_val: [10.5] } }], model_spec: { name: 'half', version: { value: '1' }, signature_name: 'serving_default' },
  });
});

/** The published files, those that they import before them. */
const DESCRIPTORS = `
import sys
from google.protobuf import descriptor_pb2
from tensorflow_serving.apis import prediction_service_pb2
files = descriptor_pb2.FileDescriptorSet()
seen = set()
def add(file):
    if file.name in seen:
        return
    seen.add(file.name)
    for other in file.dependencies:
        add(other)
    file.CopyToProto(files.file.add())
add(prediction_service_pb2.DESCRIPTOR)
sys.stdout.buffer.write(files.SerializeToString())
`;
