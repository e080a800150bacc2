import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { BrokerProcess } from '../support/broker-process.ts';
import { startGoldenBroker } from '../support/golden-broker.ts';
import { matchLines, replayTranscript } from '../support/transcript.ts';

/* The Open Inference Protocol word for word: what a broker said once, read over and kept, it says again. */

const PROTO = fileURLToPath(new URL('../../protos/open_inference.proto', import.meta.url));
const TRANSCRIPT = new URL('../support/golden/oip-rest.txt', import.meta.url);
const ANSWERS = new URL('../support/golden/oip-grpc.jsonl', import.meta.url);

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

type Stub = Client & Record<string, (request: object, done: (error: ServiceError | null, answer?: object) => void) => void>;

const FOUR = { name: 'input', datatype: 'FP32', shape: [1, 4] };
const RAW = Buffer.from(Float32Array.of(1, 2, 3, 4.5).buffer);
const CALLS: readonly (readonly [method: string, request: object])[] = [
  ['ServerLive', {}], ['ServerReady', {}], ['ServerMetadata', {}],
  ['ModelReady', { name: 'half' }], ['ModelReady', { name: 'half', version: '9' }], ['ModelMetadata', { name: 'half' }], ['ModelMetadata', { name: 'half', version: 'stable' }], ['ModelMetadata', { name: 'app1' }],
  ['ModelMetadata', { name: 'nope' }], ['ModelConfig', { name: 'half' }], ['RepositoryIndex', { ready: true }], ['RepositoryModelLoad', { model_name: 'nope' }],
  ['ModelInfer', { model_name: 'half', id: 'é-1', inputs: [FOUR], raw_input_contents: [RAW] }],
  ['ModelInfer', { model_name: 'half', model_version: '1', inputs: [{ ...FOUR, contents: { fp32_contents: [1, 2, 3, 4.5] } }] }],
  ['ModelInfer', { model_name: 'half', parameters: { timeout: { int64_param: 10_000_000 }, priority: { int64_param: 1 } }, inputs: [{ ...FOUR, shape: [2, 4] }], raw_input_contents: [Buffer.concat([RAW, RAW])] }],
  ['ModelInfer', { model_name: 'app1', inputs: [{ name: 'image', datatype: 'FP32', shape: [1, 64] }], raw_input_contents: [Buffer.from(new Float32Array(64).buffer)] }],
  ['ModelInfer', { model_name: 'digits', outputs: [{ name: 'probabilities', parameters: { classification: { int64_param: 2 } } }], inputs: [{ name: 'image', datatype: 'FP32', shape: [1, 64] }], raw_input_contents: [Buffer.from(new Float32Array(64).buffer)] }],
  ['ModelInfer', { model_name: 'nope' }], ['ModelInfer', { model_name: 'half', model_version: '9' }], ['ModelInfer', { model_name: 'half' }],
  ['ModelInfer', { model_name: 'half', inputs: [{ ...FOUR, contents: { fp32_contents: [1] } }], raw_input_contents: [RAW] }],
  ['ModelInfer', { model_name: 'half', inputs: [FOUR], raw_input_contents: [RAW, RAW] }], ['ModelInfer', { model_name: 'half', inputs: [FOUR], raw_input_contents: [RAW.subarray(4)] }],
  ['ModelInfer', { model_name: 'half', inputs: [{ ...FOUR, shape: [1, 5] }], raw_input_contents: [RAW] }], ['ModelInfer', { model_name: 'half', inputs: [{ ...FOUR, datatype: 'FP64' }], raw_input_contents: [RAW] }],
  ['ModelInfer', { model_name: 'half', inputs: [{ ...FOUR, name: 'other' }], raw_input_contents: [RAW] }], ['ModelInfer', { model_name: 'half', inputs: [FOUR], raw_input_contents: [RAW], outputs: [{ name: 'nope' }] }],
  ['ModelInfer', { model_name: 'half', inputs: [FOUR], raw_input_contents: [RAW], parameters: { sequence_id: { int64_param: 3 } } }],
];

test('gRPC: every call comes out as it stands there', async () => {
  const { inference } = loadPackageDefinition(loadSync(PROTO, { keepCase: true, longs: String, enums: String, bytes: String })) as unknown as { inference: { GRPCInferenceService: new (address: string, by: ReturnType<typeof credentials.createInsecure>) => Stub } };
  const stub = new inference.GRPCInferenceService(address, credentials.createInsecure());
  const lines: string[] = [];
  try {
    for (const [method, request] of CALLS) {
      lines.push(await new Promise((resolve) => {
        stub[method]?.(request, (error, answer) => resolve(JSON.stringify(error === null ? { method, answer } : { method, code: error.code, details: error.details })));
      }));
    }
  } finally {
    stub.close();
  }
  matchLines(ANSWERS, lines.join('\n'));
});
