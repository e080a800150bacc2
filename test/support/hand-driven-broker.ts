import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, watch } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDone, parseHello, parseRows } from '../../protos/parse-headers.ts';
import type { BatchHeader, DoneHeader, Hello, RowsHeader, TensorPart } from '../../protos/wire.ts';
import { controlFrame, FRAME, frameBytes, FrameReader, packHeader, padTo8, payloadBytes, writeFrameHead } from '../../protos/wire.ts';

/** A frame that was received, in memory of its own. */
export interface ReceivedFrame {
  readonly kind: number;
  readonly batch: number;
  readonly header: unknown;
  readonly payload: Buffer;
}

/** A tensor to be sent: its bytes are the rows one after another. */
export interface SentTensor extends Omit<TensorPart, 'bytes'> {
  readonly data: Uint8Array;
}
export interface Reply {
  readonly rows: readonly RowsHeader[];
  /** Bytes of each output, the payloads of the rows frames joined. */
  readonly outputs: Readonly<Record<string, Buffer>>;
  readonly done: DoneHeader;
}

interface Waiter {
  readonly matches: (frame: ReceivedFrame) => boolean;
  readonly resolve: (frame: ReceivedFrame) => void;
  readonly reject: (error: Error) => void;
}

/** The broker's end of one connection, driven by hand. */
export class BrokerLink {
  readonly closed: Promise<void>;
  /** Resolves, with the reader's error, where the container sends what is no frame. */
  readonly broken: Promise<Error>;
  readonly #socket: Socket;
  readonly #frames: ReceivedFrame[] = [];
  readonly #waiting: Waiter[] = [];
  #isClosed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new FrameReader(({ kind, batch, header, payload }) => this.#received({ kind, batch, header, payload: Buffer.from(payload) }));
    this.broken = new Promise((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        try {
          reader.push(chunk);
        } catch (error) {
          resolve(error as Error);
          socket.destroy();
        }
      });
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isClosed = true;
        for (const { reject } of this.#waiting.splice(0)) reject(new Error('the connection closed before the frame came'));
        resolve();
      });
    });
  }

  /** The first frame of this kind that has not been taken yet. */
  next(kind: number, batch?: number): Promise<ReceivedFrame> {
    const matches = (frame: ReceivedFrame): boolean => frame.kind === kind && (batch === undefined || frame.batch === batch);
    const at = this.#frames.findIndex(matches);
    const [found] = at < 0 ? [] : this.#frames.splice(at, 1);
    if (found !== undefined) return Promise.resolve(found);
    if (this.#isClosed) return Promise.reject(new Error('the connection is closed'));
    return new Promise((resolve, reject) => this.#waiting.push({ matches, resolve, reject }));
  }

  /** Frames of this kind that have come and were not taken. */
  count(kind: number): number {
    return this.#frames.filter((frame) => frame.kind === kind).length;
  }

  async hello(): Promise<Hello> {
    return parseHello((await this.next(FRAME.hello)).header);
  }

  welcome(heartbeatMs = 50): void {
    this.write(controlFrame(FRAME.welcome, { wire: 1, heartbeat_ms: heartbeatMs, replica: 'r1' }));
  }

  control(kind: Parameters<typeof controlFrame>[0], header?: object, batch = 0): void {
    this.write(controlFrame(kind, header, batch));
  }

  batch(id: number, rows: number, tensors: readonly SentTensor[], more: Partial<BatchHeader> = {}): void {
    this.write(batchFrame(id, rows, tensors, more));
  }

  /** Every rows frame of a batch and its done. */
  async reply(id: number, rows: number): Promise<Reply> {
    const done = parseDone((await this.next(FRAME.done, id)).header);
    const headers: RowsHeader[] = [];
    const outputs: Record<string, Buffer> = {};
    for (let at = this.#rowsOf(id); at >= 0; at = this.#rowsOf(id)) {
      const [frame] = this.#frames.splice(at, 1);
      if (frame === undefined) break;
      const header = parseRows(frame.header, frame.payload.length, rows);
      headers.push(header);
      let end = 0;
      for (const part of header.outputs ?? []) {
        const start = padTo8(end);
        end = start + part.bytes;
        outputs[part.name] = Buffer.concat([outputs[part.name] ?? Buffer.alloc(0), frame.payload.subarray(start, end)]);
      }
    }
    return { rows: headers, outputs, done };
  }

  async ask(id: number, rows: number, tensors: readonly SentTensor[], more: Partial<BatchHeader> = {}): Promise<Reply> {
    this.batch(id, rows, tensors, more);
    return this.reply(id, rows);
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Cuts the connection without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  #rowsOf(batch: number): number {
    return this.#frames.findIndex((frame) => frame.kind === FRAME.rows && frame.batch === batch);
  }

  #received(frame: ReceivedFrame): void {
    const at = this.#waiting.findIndex(({ matches }) => matches(frame));
    const [waiter] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (waiter === undefined) this.#frames.push(frame);
    else waiter.resolve(frame);
  }
}

export function batchFrame(id: number, rows: number, tensors: readonly SentTensor[], more: Partial<BatchHeader> = {}): Buffer {
  const inputs = tensors.map(({ data, ...part }): TensorPart => ({ ...part, bytes: data.length }));
  const header = packHeader({ rows, budget_us: 1_000_000, inputs, ...more } satisfies BatchHeader);
  const payload = payloadBytes(inputs);
  const frame = Buffer.alloc(frameBytes(header.length, payload));
  const start = writeFrameHead(frame, FRAME.batch, id, header, payload);
  let end = 0;
  for (const { data } of tensors) {
    frame.set(data, start + padTo8(end));
    end = padTo8(end) + data.length;
  }
  return frame;
}

/** Rows of float32, each of `shape`. */
export function float32(name: string, shape: readonly number[], values: readonly number[]): SentTensor {
  return { name, dtype: 'float32', shape, data: new Uint8Array(Float32Array.from(values).buffer) };
}

export function asFloat32(bytes: Buffer | undefined): number[] {
  return [...new Float32Array(Uint8Array.from(bytes ?? []).buffer)];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}
/** A container process under test. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** A broker that does nothing by itself: it listens on a socket of its own, starts containers and hands their connections over. */
export class HandDrivenBroker {
  readonly folder: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #children: Started[] = [];
  readonly #links: BrokerLink[] = [];
  readonly #waiting: ((link: BrokerLink) => void)[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.#server = createServer((socket) => this.#adopt(socket));
  }

  /** Closed when the test that it was opened in has ended. */
  static async open(test: { after(run: () => Promise<void>): void }): Promise<HandDrivenBroker> {
    const broker = new HandDrivenBroker(await mkdtemp(join(tmpdir(), 'broker-')));
    await new Promise<void>((resolve) => broker.#server.listen(join(broker.folder, 'broker.sock'), resolve));
    test.after(() => broker.close());
    return broker;
  }

  get address(): string {
    return `unix:${join(this.folder, 'broker.sock')}`;
  }

  /** Starts a container, a program of ours or any command, owned and with a token unless `env` says otherwise. */
  start(program: string | readonly [string, ...string[]], env: Readonly<Record<string, string>> = {}, token = 'a-token'): Started {
    const [file, ...args] = typeof program === 'string' ? [process.execPath, program] : program;
    const child = spawn(file, args, {
      env: { TRADEWIND_CONNECT: this.address, TRADEWIND_MODEL: 'm', TRADEWIND_VERSION: '3', TRADEWIND_OWNED: '1', TRADEWIND_TOKEN_FD: '3', ...env },
      stdio: ['ignore', 'inherit', 'pipe', 'pipe'],
      cwd: this.folder,
    });
    const pipe = child.stdio[3] as Socket;
    pipe.on('error', () => {});
    pipe.end(token);
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal, stderr }));
    });
    const started = { child, ended };
    this.#children.push(started);
    return started;
  }

  /** The next connection that a container opens. */
  accept(): Promise<BrokerLink> {
    const link = this.#links.shift();
    return link === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(link);
  }

  /** Dials a container that listens. */
  dial(path: string): Promise<BrokerLink> {
    return new Promise((resolve, reject) => {
      const socket = connect({ path });
      this.#sockets.add(socket);
      socket.once('error', reject);
      socket.once('connect', () => resolve(new BrokerLink(socket)));
    });
  }

  /** Dials a container that will listen at `name` in this broker's folder, as soon as it does. */
  async dialWhenUp(name: string): Promise<BrokerLink> {
    for await (const { filename } of watch(this.folder)) if (filename === name) break;
    for (;;) {
      try {
        return await this.dial(join(this.folder, name));
      } catch {
        // Bound, and not yet listening: a moment.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  /** Starts a container and welcomes its worker: ready for batches, with its watchdog still to be accepted. */
  async startWorker(program: Parameters<HandDrivenBroker['start']>[0], env: Readonly<Record<string, string>> = {}): Promise<{ started: Started; worker: BrokerLink; hello: Hello }> {
    const started = this.start(program, env);
    const refused = started.ended.then(({ stderr }): never => { throw new Error(`the container ended: ${stderr}`); });
    refused.catch(() => {});
    const worker = await Promise.race([this.accept(), refused]);
    const hello = await worker.hello();
    worker.welcome();
    await worker.next(FRAME.credit);
    return { started, worker, hello };
  }

  /** Kills what still runs and waits for its end. */
  async close(): Promise<void> {
    for (const { child } of this.#children) child.kill('SIGKILL');
    await Promise.all(this.#children.map(({ ended }) => ended));
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.folder, { recursive: true, force: true });
  }

  #adopt(socket: Socket): void {
    this.#sockets.add(socket);
    const link = new BrokerLink(socket);
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#links.push(link);
    else waiter(link);
  }
}
