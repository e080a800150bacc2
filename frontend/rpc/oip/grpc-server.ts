import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { ReplicaBatch } from '../../domain/replica.ts';
import type { SendBuffers } from '../send-buffers.ts';
import type { OipAddress } from './address.ts';
import { connectionFailure } from './connection-failure.ts';
import { badAnswer, followCall } from './grpc-call.ts';
import { decodeMaxBatchSize, decodeModelMetadata, decodeReady, decodeServerMetadata, encodeModelName } from './grpc-messages.ts';
import { GRPC_PREFIX_BYTES, decodeInfer, encodeInfer } from './infer-message.ts';
import { CallError, type Answered, type CallFailure, type ModelMetadata, type Server, type ServerFacts, type ServerOptions, type ServerWatcher } from './server.ts';

const SERVICE = '/inference.GRPCInferenceService/';
/** How much a server may send before we have taken it: a large answer comes without waiting for us. */
const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;
const SESSION_WINDOW_BYTES = 16 * 1024 * 1024;

const CLOSED: CallFailure = Object.freeze({ kind: 'gone', code: 'closed', message: 'the connection is closed' });

/**
 * A model on a gRPC server: one HTTP/2 connection, which is the whole life of this object (gRPC over HTTP/2, grpc/grpc
 * doc/PROTOCOL-HTTP2.md). Node's own client, because a general gRPC library costs ten times the CPU for tensors and
 * hides when the connection is gone.
 */
export class GrpcServer implements Server {
  readonly #options: ServerOptions;
  readonly #buffers: SendBuffers;
  readonly #session: ClientHttp2Session;
  readonly #name: Uint8Array;
  #closed = false;

  constructor(address: OipAddress, options: ServerOptions, more: { buffers: SendBuffers; watcher: ServerWatcher }) {
    const { watcher, buffers } = more;
    this.#options = options;
    this.#buffers = buffers;
    this.#name = encodeModelName(options.model, options.version);
    this.#session = connect(address.origin, {
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
      ...(options.ca !== undefined && { ca: options.ca }),
    });
    let why = 'it closed the connection';
    this.#session.on('connect', () => this.#session.setLocalWindowSize(SESSION_WINDOW_BYTES));
    this.#session.on('goaway', () => watcher.leaving());
    this.#session.on('error', (error) => (why = connectionFailure(error)));
    this.#session.on('close', () => watcher.gone(why));
  }

  async facts(): Promise<ServerFacts> {
    return decodeServerMetadata(await this.#ask('ServerMetadata', new Uint8Array()));
  }

  async ready(): Promise<boolean> {
    const [server, model] = await Promise.all([this.#ask('ServerReady', new Uint8Array()), this.#ask('ModelReady', this.#name)]);
    return decodeReady(server) && decodeReady(model);
  }

  async metadata(): Promise<ModelMetadata> {
    return decodeModelMetadata(await this.#ask('ModelMetadata', this.#name));
  }

  carries(): boolean {
    return true;
  }

  async maxBatch(): Promise<number | undefined> {
    const size = decodeMaxBatchSize(await this.#ask('ModelConfig', this.#name));
    return size > 0 ? size : undefined;
  }

  infer(batch: ReplicaBatch, done: (result: Answered | CallFailure) => void): string | undefined {
    // Before the word of its end has come: earlier Nodes throw where this one tells the stream.
    if (this.#isOver) {
      queueMicrotask(() => done(CLOSED));
      return undefined;
    }
    const encoded = encodeInfer(batch, this.#options, this.#buffers);
    if (typeof encoded === 'string') return encoded;
    const { buffer, length } = encoded;
    const stream = this.#open('ModelInfer', batch.traceparent);
    let taken = false;
    // After a stream that broke off the kernel may still hold the buffer: it is left to the garbage collector.
    const release = (whole: boolean): void => {
      if (taken) return;
      taken = true;
      if (whole) this.#buffers.give(buffer);
      else this.#buffers.forget();
    };
    stream.on('finish', () => release(true));
    stream.on('close', () => release(false));
    followCall(stream, (result) => done(Buffer.isBuffer(result) ? answered(result) : this.#ofConnection(result)));
    stream.end(buffer.subarray(0, length));
    return undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Not within an answer: Node would free streams that its HTTP/2 library goes on to write to when we return.
    setImmediate(() => this.#session.destroy());
  }

  #ask(method: string, message: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const framed = Buffer.alloc(GRPC_PREFIX_BYTES + message.length);
      framed.writeUInt32BE(message.length, 1);
      framed.set(message, GRPC_PREFIX_BYTES);
      const settle = (result: Buffer | CallFailure): void => (Buffer.isBuffer(result) ? resolve(result) : reject(new CallError(result)));
      if (this.#isOver) return settle(CLOSED);
      const stream = this.#open(method);
      followCall(stream, settle);
      stream.end(framed);
    });
  }

  /** Streams of a connection that broke off look as if each had been reset: no answer to its batch, which another server may take. */
  #ofConnection(failure: CallFailure): CallFailure {
    return this.#session.destroyed && failure.code === 'reset' ? CLOSED : failure;
  }

  get #isOver(): boolean {
    return this.#closed || this.#session.destroyed || this.#session.closed;
  }

  #open(method: string, traceparent?: string): ClientHttp2Stream {
    return this.#session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST', [constants.HTTP2_HEADER_PATH]: SERVICE + method,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc', [constants.HTTP2_HEADER_TE]: 'trailers', [constants.HTTP2_HEADER_USER_AGENT]: 'tradewind',
      ...(traceparent === undefined ? {} : { traceparent }),
    });
  }
}

function answered(message: Buffer): Answered | CallFailure {
  try {
    return decodeInfer(message);
  } catch (thrown) {
    return badAnswer(thrown);
  }
}
