import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials, loadPackageDefinition, status, type sendUnaryData, type ServerUnaryCall, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Dtype } from '../../protos/dtype.ts';
import { dtypeOfOip } from '../../protos/oip-datatype.ts';
import { dataBytes, dataText } from '../../frontend/rpc/oip/json-data.ts';

const PROTO = fileURLToPath(new URL('../../protos/open_inference.proto', import.meta.url));

export interface StubTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** What the stub does with a call for inference; everything but `echo` and `typed` is a fault. */
export type StubInfer = 'echo' | 'typed' | 'refuse' | 'unavailable' | 'hang' | 'cut' | 'wrong_rows' | 'wrong_dtype' | 'short' | 'garbage' | 'no_outputs' | 'long_name' | 'redirect';

/** Says how the stub behaves; may be changed while it runs. */
export interface StubBehaviour {
  infer: StubInfer;
  ready: boolean;
  /** Never answers whether it is ready. */
  mute: boolean;
  /** HTTP: lists and speaks the binary extension. */
  binary: boolean;
  inputs: readonly StubTensor[];
  outputs: readonly StubTensor[];
  maxBatchSize: number;
  /** Refuses a call in which a row's first byte is this. */
  poison?: number;
}

interface InferTensor extends StubTensor {
  readonly data: Buffer;
}

export interface SeenCall {
  readonly model: string;
  readonly version: string;
  readonly timeoutMicros: number;
  /** Where the call had one. */
  readonly traceparent?: string;
  readonly inputs: readonly StubTensor[];
}

interface Lifetime {
  after(run: () => unknown): void;
}

export interface StubOptions extends Partial<StubBehaviour> {
  readonly protocol: 'grpc' | 'http';
  /** Certificate and key (PEM): it then speaks TLS only. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** A free one unless given. */
  readonly port?: number;
}

/** Whole numbers that a double may not hold. */
const LONG_NUMBER = /(?<![\d.e+-])-?\d{16,}(?![\d.e])/g;

const PAIR: StubTensor = Object.freeze({ name: 'x', datatype: 'FP32', shape: Object.freeze([-1, 2]) });

/**
 * A server that speaks the Open Inference Protocol v2 and answers each input as the output of the same name. Its gRPC side
 * is grpc-js with a codec made from protos/open_inference.proto, so that it knows nothing of the broker's own.
 */
export class OipStub {
  readonly behaviour: StubBehaviour;
  readonly calls: SeenCall[] = [];
  readonly options: StubOptions;
  /** Most calls for inference that were open at a time. */
  mostOpen = 0;
  #open = 0;
  #port = 0;
  #stop: () => Promise<void> = () => Promise.resolve();
  #waiting: (() => void)[] = [];

  private constructor(options: StubOptions) {
    const { infer = 'echo', ready = true, mute = false, binary = true, inputs = [PAIR], outputs = inputs, maxBatchSize = 0, poison } = options;
    this.options = options;
    this.behaviour = { infer, ready, mute, binary, inputs, outputs, maxBatchSize, ...(poison !== undefined && { poison }) };
  }

  static async open(lifetime: Lifetime, options: StubOptions): Promise<OipStub> {
    const stub = new OipStub(options);
    await stub.start(options.port ?? 0);
    lifetime.after(() => stub.stop());
    return stub;
  }

  get address(): string {
    return `${this.options.protocol}${this.options.tls === undefined ? '' : 's'}://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Resolves once so many calls for inference have come. */
  async called(count: number): Promise<void> {
    while (this.calls.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Listens again, after a stop, where it did before. */
  async start(port = this.#port): Promise<void> {
    if (this.options.protocol === 'grpc') await this.#startGrpc(port);
    else await this.#startHttp(port);
  }

  /** Cuts every connection and listens no more. */
  stop(): Promise<void> {
    return this.#stop();
  }

  async #startGrpc(port: number): Promise<void> {
    const { tls } = this.options;
    const server = new Server();
    const loaded = loadPackageDefinition(loadSync(PROTO, { keepCase: true, longs: Number, defaults: true, oneofs: true }));
    const { inference } = loaded as unknown as { inference: { GRPCInferenceService: { service: ServiceDefinition } } };
    const b = this.behaviour;
    server.addService(inference.GRPCInferenceService.service, {
      ServerReady: unary(() => (b.mute ? undefined : { ready: b.ready })),
      ModelReady: unary(() => (b.mute ? undefined : { ready: b.ready })),
      ServerMetadata: unary(() => ({ name: 'stub', version: '1.0', extensions: b.maxBatchSize > 0 ? ['model_configuration'] : [] })),
      ModelMetadata: unary(() => ({ name: 'm', versions: ['1'], platform: 'stub_echo', inputs: b.inputs, outputs: b.outputs })),
      ModelConfig: unary(() => ({ config: { max_batch_size: b.maxBatchSize } })),
      ModelInfer: (call: ServerUnaryCall<GrpcRequest, unknown>, reply: sendUnaryData<unknown>) => this.#inferGrpc(call, reply, server),
    });
    const credentials = tls === undefined ? ServerCredentials.createInsecure() : ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }]);
    this.#port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
    });
    this.#stop = () => {
      server.forceShutdown();
      return Promise.resolve();
    };
  }

  #inferGrpc(call: ServerUnaryCall<GrpcRequest, unknown>, reply: sendUnaryData<unknown>, server: Server): void {
    const { request } = call;
    const inputs = request.inputs.map(({ name, datatype, shape }, i): InferTensor => ({ name, datatype, shape, data: request.raw_input_contents[i] ?? Buffer.alloc(0) }));
    this.#saw({ model: request.model_name, version: request.model_version, timeoutMicros: request.parameters['timeout']?.int64_param ?? 0, inputs, ...traced(call.metadata.get('traceparent')[0]) });
    const done: sendUnaryData<unknown> = (error, value) => {
      this.#open--;
      reply(error, value);
    };
    const result = this.#infer(inputs);
    if (result === 'cut') return server.forceShutdown();
    if (result === 'hang') return;
    if (result === 'unavailable') return done({ code: status.UNAVAILABLE, details: 'not now' });
    if (result === 'refuse' || result === 'redirect') return done({ code: status.INVALID_ARGUMENT, details: 'no: ä 100 %' });
    if (result === 'garbage') return done(null, { model_name: 'm', outputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2] }], raw_output_contents: [Buffer.alloc(1), Buffer.alloc(1)] });
    const heads = result.map(({ name, datatype, shape }) => ({ name, datatype, shape }));
    if (this.behaviour.infer === 'typed') return done(null, { outputs: result.map((tensor) => ({ ...tensor, contents: typed(tensor) })) });
    done(null, { model_name: 'm', model_version: '1', outputs: heads, raw_output_contents: result.map(({ data }) => data) });
  }

  async #startHttp(port: number): Promise<void> {
    const { tls } = this.options;
    const take = (request: IncomingMessage, response: ServerResponse): void => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.#takeHttp(request, Buffer.concat(chunks), response));
    };
    const server = tls === undefined ? createHttpServer(take) : createHttpsServer(tls, take);
    const sockets = new Set<Socket>();
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#stop = async () => {
      const closed = server.listening ? once(server, 'close') : undefined;
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    };
  }

  #takeHttp(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const b = this.behaviour;
    const say = (code: number, value: unknown): void => void response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const path = request.url ?? '';
    if (path === '/v2') return say(200, { name: 'stub', version: '1.0', extensions: [...(b.binary ? ['binary_tensor_data'] : []), ...(b.maxBatchSize > 0 ? ['model_configuration'] : [])] });
    if (path.endsWith('/ready')) return b.mute ? undefined : say(b.ready ? 200 : 400, {});
    if (path.endsWith('/config')) return say(200, { max_batch_size: b.maxBatchSize });
    if (path.endsWith('/infer')) return this.#inferHttp(request, body, response);
    if (/^\/v2\/models\/[^/]+(\/versions\/[^/]+)?$/.test(path)) return say(200, { name: 'm', versions: ['1'], platform: 'stub_echo', inputs: b.inputs, outputs: b.outputs });
    say(404, { error: 'unknown' });
  }

  #inferHttp(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const { model, version } = /models\/(?<model>[^/]+)(?:\/versions\/(?<version>[^/]+))?\/infer/.exec(request.url ?? '')?.groups ?? {};
    const jsonLength = Number(request.headers['inference-header-content-length'] ?? body.length);
    const json = JSON.parse(body.toString('utf8', 0, jsonLength).replaceAll(LONG_NUMBER, '"$&"')) as HttpRequest;
    let at = jsonLength;
    const inputs = json.inputs.map(({ name, datatype, shape, data, parameters }): InferTensor => {
      const from = at;
      at += parameters?.binary_data_size ?? 0;
      return { name, datatype, shape, data: data === undefined ? body.subarray(from, at) : Buffer.from(dataBytes(dtypeFor(datatype), datatype.endsWith('INT64') ? data.map((value) => BigInt(value as number | string)) : data) ?? []) };
    });
    this.#saw({ model: decodeURIComponent(model ?? ''), version: version ?? '', timeoutMicros: json.parameters?.timeout ?? 0, inputs, ...traced(request.headers['traceparent']) });
    const result = this.#infer(inputs);
    if (result === 'hang') return;
    this.#open--;
    if (result === 'cut') return void request.socket.destroy();
    const refusal = { unavailable: 503, refuse: 400 } as const;
    if (result === 'unavailable' || result === 'refuse') return void response.writeHead(refusal[result]).end(JSON.stringify({ error: 'no: ä 100 %' }));
    if (result === 'garbage') return void response.end('{"outputs":[');
    if (result === 'redirect') return void response.writeHead(307, { location: 'https://elsewhere/' }).end();
    if (json.parameters?.binary_data_output !== true || this.behaviour.infer === 'typed') {
      const outputs = result.map(({ name, datatype, shape, data }) => `{"name":"${name}","datatype":"${datatype}","shape":[${shape.join()}],"data":[${dataText(dtypeFor(datatype), aligned(data)) ?? ''}]}`);
      return void response.end(`{"model_name":"m","outputs":[${outputs.join()}]}`);
    }
    const head = JSON.stringify({ outputs: result.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, parameters: { binary_data_size: data.length } })) });
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'inference-header-content-length': Buffer.byteLength(head) });
    response.end(Buffer.concat([Buffer.from(head), ...result.map(({ data }) => data)]));
  }

  #saw(call: SeenCall): void {
    this.calls.push({ ...call, inputs: call.inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })) });
    this.mostOpen = Math.max(this.mostOpen, ++this.#open);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #infer(inputs: readonly InferTensor[]): readonly InferTensor[] | 'refuse' | 'unavailable' | 'hang' | 'cut' | 'garbage' | 'redirect' {
    const { infer, poison } = this.behaviour;
    const rows = inputs[0]?.shape[0] ?? 0;
    if (poison !== undefined && inputs.some(({ data }) => Array.from({ length: rows }, (_, row) => data[(row * data.length) / rows]).includes(poison))) return 'refuse';
    switch (infer) {
      case 'echo': case 'typed': return inputs;
      case 'wrong_rows': return inputs.map((tensor) => ({ ...tensor, shape: [rows + 1, ...tensor.shape.slice(1)] }));
      case 'wrong_dtype': return inputs.map((tensor) => ({ ...tensor, datatype: 'INT32' }));
      case 'short': return inputs.map((tensor) => ({ ...tensor, data: tensor.data.subarray(1) }));
      case 'no_outputs': return [];
      case 'long_name': return inputs.map((tensor) => ({ ...tensor, name: 'n'.repeat(100_000) }));
      default: return infer;
    }
  }
}

interface GrpcRequest {
  readonly model_name: string;
  readonly model_version: string;
  readonly parameters: Readonly<Record<string, { readonly int64_param: number }>>;
  readonly inputs: readonly StubTensor[];
  readonly raw_input_contents: readonly Buffer[];
}
interface HttpRequest {
  readonly parameters?: { readonly timeout?: number; readonly binary_data_output?: boolean };
  readonly inputs: readonly (StubTensor & { readonly data?: readonly unknown[]; readonly parameters?: { readonly binary_data_size?: number } })[];
}

/** Answers undefined with silence. */
function unary(answer: () => object | undefined): (call: unknown, reply: sendUnaryData<unknown>) => void {
  return (_, reply) => {
    const value = answer();
    if (value !== undefined) reply(null, value);
  };
}

function dtypeFor(datatype: string): Dtype {
  const dtype = dtypeOfOip(datatype);
  if (dtype === undefined) throw new RangeError(datatype);
  return dtype;
}

function aligned(data: Buffer): Buffer {
  const copy = Buffer.alloc(Math.max(8, data.length));
  copy.set(data);
  return copy.subarray(0, data.length);
}

const CONTENTS: Readonly<Partial<Record<Dtype, string>>> = Object.freeze({
  bool: 'bool_contents', int8: 'int_contents', int16: 'int_contents', int32: 'int_contents', int64: 'int64_contents', uint8: 'uint_contents',
  uint16: 'uint_contents', uint32: 'uint_contents', uint64: 'uint64_contents', float32: 'fp32_contents', float64: 'fp64_contents', bytes: 'bytes_contents',
});

/** Elements as `InferTensorContents` holds them; 64 bits as text, which loses nothing. */
function typed({ datatype, data }: InferTensor): Record<string, unknown> {
  const dtype = dtypeFor(datatype);
  const values: unknown[] = JSON.parse(`[${(dataText(dtype, aligned(data)) ?? '').replaceAll(LONG_NUMBER, '"$&"')}]`) as unknown[];
  return { [CONTENTS[dtype] ?? 'fp32_contents']: dtype === 'bytes' ? values.map((value) => Buffer.from(String(value))) : values };
}

function traced(traceparent: unknown): { readonly traceparent?: string } {
  return typeof traceparent === 'string' ? { traceparent } : {};
}
