import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { credentials, loadPackageDefinition, type Client } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { findPart, requirePart } from '../support/requirements.ts';

/* Clients that nobody here wrote, unmodified (test/clients/install*.sh), against a broker of its own each. */

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DTYPES = ['bool', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float16:fp16', 'bfloat16:bf16', 'float32:fp32', 'float64:fp64', 'bytes'];
const CONFIG = JSON.stringify({
  // Nobody here is to be late: what names a model and no app is asked with the model's objective.
  models: [
    { name: 'digits-model', version: 1, slo_ms: 20_000, container: 'onnx', path: join(ROOT, 'deploy/demo/models/digits-mlp/1/model.onnx'), output: { name: 'probabilities', kind: 'probabilities' }, labels: ['stable'] },
    { name: 'echo', version: 1, slo_ms: 20_000, container: 'synthetic', options: { echo: true, input: DTYPES.map((word) => word.split(':')).map(([dtype, name = dtype]) => ({ name, dtype, shape: [3] })) } },
    { name: 'slow', version: 1, container: 'synthetic', options: { per_batch_ms: 200, input: { shape: [1] } } },
    { name: 'idle', version: 1, container: 'synthetic' },
  ],
  apps: [{ name: 'digits', arms: ['digits-model'], slo_ms: 20_000, default: -1 }, { name: 'digits-scores', arms: ['digits-model'], output: 'probabilities', slo_ms: 20_000 }],
});

async function start(t: Parameters<typeof BrokerProcess.start>[0]): Promise<{ http: string; grpc: string }> {
  const broker = await (await BrokerProcess.start(t, { yaml: CONFIG })).ready();
  const address = await until('told where gRPC is', () => broker.log.map((line) => (line as unknown as { readonly grpc?: string }).grpc).find((grpc) => grpc !== undefined));
  return { http: new URL(broker.url).host, grpc: address };
}

test('tritonclient: every promise holds, by HTTP, gRPC and both asyncio twins', { skip: requirePart('tritonclient'), timeout: 150_000 }, async (t) => {
  const { http, grpc } = await start(t);
  for (const part of ['http', 'grpc', 'http-aio', 'grpc-aio']) {
    const { stdout } = await run(findPart('tritonclient') ?? '', [join(ROOT, 'test/clients/oip_clients.py'), http, grpc, part]);
    assert.match(stdout, /all hold\n$/, part);
  }
});

test('KServe: its inference client, by REST and gRPC', { skip: requirePart('kserve'), timeout: 150_000 }, async (t) => {
  const { http, grpc } = await start(t);
  const { stdout } = await run(findPart('kserve') ?? '', [join(ROOT, 'test/clients/kserve_client.py'), http, grpc]);
  assert.match(stdout, /all hold\n$/);
});

/** What perf_analyzer is asked to do, and what it must have read from the server's statistics. */
const LOADS: readonly { readonly words: string; readonly flags: (address: { http: string; grpc: string }) => string[]; readonly server: RegExp | undefined }[] = [
  { words: 'HTTP, binary', flags: ({ http }) => ['-m', 'digits-model', '-u', http, '--concurrency-range', '1:4:3'], server: /compute infer [1-9]/ },
  { words: 'HTTP, JSON both ways', flags: ({ http }) => ['-m', 'digits-model', '-u', http, '--input-tensor-format', 'json', '--output-tensor-format', 'json'], server: /compute infer [1-9]/ },
  { words: 'HTTP, 16 rows a request, an objective of 0.9 s', flags: ({ http }) => ['-m', 'digits-model', '-u', http, '-b', '16', '-H', 'tradewind-slo-ms: 900'], server: /compute infer [1-9]/ },
  { words: 'HTTP, open loop', flags: ({ http }) => ['-m', 'digits-model', '-u', http, '--async', '--request-rate-range', '200', '--request-distribution', 'poisson'], server: /compute infer [1-9]/ },
  { words: 'HTTP, a version', flags: ({ http }) => ['-m', 'digits-model', '-x', '1', '-u', http], server: /compute infer [1-9]/ },
  { words: 'gRPC, an objective', flags: ({ grpc }) => ['-m', 'digits-model', '-i', 'grpc', '-u', grpc, '--concurrency-range', '4', '--request-parameter', 'timeout:900000:int'], server: /compute infer [1-9]/ },
  { words: 'gRPC, one stream', flags: ({ grpc }) => ['-m', 'digits-model', '-i', 'grpc', '-u', grpc, '--streaming', '--async', '--concurrency-range', '4'], server: /compute infer [1-9]/ },
  { words: 'an app, HTTP', flags: ({ http }) => ['-m', 'digits', '-u', http], server: /Avg request latency: [1-9]/ },
  { words: 'an app, gRPC', flags: ({ grpc }) => ['-m', 'digits', '-i', 'grpc', '-u', grpc], server: /Avg request latency: [1-9]/ },
  { words: "TensorFlow Serving's gRPC", flags: ({ grpc }) => ['-m', 'digits-model', '--service-kind', 'tfserving', '-i', 'grpc', '-u', grpc, '--shape', 'image:1,64'], server: undefined },
];

test('perf_analyzer: closed and open loop, each door and form, models and apps; what it reads of the server is there', { skip: requirePart('perf-analyzer'), timeout: 150_000 }, async (t) => {
  const address = await start(t);
  for (const { words, flags, server } of LOADS) {
    // Any spread will do: three windows, and it has what it asks for.
    const { stdout } = await run(findPart('perf-analyzer') ?? '', [...flags(address), '--measurement-interval', '250', '--stability-percentage', '999']);
    const [, count] = /Client: [\s\S]*?Request count: (\d+)/.exec(stdout) ?? [];
    assert.ok(Number(count) > 0, `${words}:\n${stdout}`);
    if (server === undefined) continue;
    const [, told = ''] = /Server: ([\s\S]*)/.exec(stdout) ?? [];
    assert.match(told, /Inference count: [1-9]/, `${words}:\n${stdout}`);
    assert.match(told, server, `${words}:\n${stdout}`);
  }
  await assert.rejects(run(findPart('perf-analyzer') ?? '', ['-m', 'nobody', '-u', address.http]), /Request for unknown model: 'nobody' is not found/);
});

type Stub = Client & Record<string, (request: object, done: (error: Error | null, answer: Record<string, unknown>) => void) => void>;

test('grpc-js with proto-loader over the descriptors that Triton publishes', { skip: requirePart('tritonclient'), timeout: 120_000 }, async (t) => {
  const { grpc } = await start(t);
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-descriptors-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'triton.binpb');
  await run(findPart('tritonclient') ?? '', ['-c', `
from google.protobuf import descriptor_pb2
from tritonclient.grpc import model_config_pb2, service_pb2
files = descriptor_pb2.FileDescriptorSet()
for module in (model_config_pb2, service_pb2):
    module.DESCRIPTOR.CopyToProto(files.file.add())
open(${JSON.stringify(file)}, "wb").write(files.SerializeToString())
`]);
  const { inference } = loadPackageDefinition(loadFileDescriptorSetFromBuffer(readFileSync(file), { keepCase: true, longs: String, defaults: false })) as unknown as { inference: { GRPCInferenceService: new (address: string, of: ReturnType<typeof credentials.createInsecure>) => Stub } };
  const stub = new inference.GRPCInferenceService(grpc, credentials.createInsecure());
  t.after(() => stub.close());
  const ask = (method: string, request: object): Promise<Record<string, unknown>> => new Promise((resolve, reject) => stub[method]?.(request, (error, answer) => (error === null ? resolve(answer) : reject(error))));
  assert.deepEqual(await ask('ServerReady', {}), { ready: true });
  const { config } = await ask('ModelConfig', { name: 'digits' }) as { config: { max_batch_size: number } };
  assert.equal(config.max_batch_size, 4096);
  const inputs = [{ name: 'image', datatype: 'FP32', shape: [1, 64], contents: { fp32_contents: Array.from({ length: 64 }, (_, i) => i % 17) } }];
  const { outputs, raw_output_contents: raw } = await ask('ModelInfer', { model_name: 'digits', inputs }) as { outputs: { name: string }[]; raw_output_contents: Buffer[] };
  assert.deepEqual([outputs[0]?.name, raw[0]?.length], ['label', 8]);
  await assert.rejects(ask('ModelInfer', { model_name: 'nobody', inputs }), /5 NOT_FOUND: Request for unknown model: 'nobody' is not found/);
  await assert.rejects(ask('SystemSharedMemoryStatus', {}), /12 UNIMPLEMENTED/);
});
