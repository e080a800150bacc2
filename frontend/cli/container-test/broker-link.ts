import type { Socket } from 'node:net';
import { parseDone, parseGoodbye, parseHello, parseRows } from '../../../protos/parse-headers.ts';
import type { BatchHeader, DoneHeader, Hello, RowsHeader, TensorPart } from '../../../protos/wire.ts';
import { controlFrame, FRAME, frameBytes, FrameReader, packHeader, padTo8, payloadBytes, writeFrameHead } from '../../../protos/wire.ts';

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

/** Frames that may lie here untaken, and bytes of their payloads; a container that sends more without being asked is cut off. */
const MAX_FRAMES = 100_000;
const MAX_BYTES = 1024 * 1024 * 1024;

/** The broker's end of one connection, driven by hand. */
export class BrokerLink {
  readonly closed: Promise<void>;
  /** Resolves, with the reader's error, where the container sends what is no frame. */
  readonly broken: Promise<Error>;
  readonly #socket: Socket;
  readonly #frames: ReceivedFrame[] = [];
  readonly #waiting: Waiter[] = [];
  #framesBytes = 0;
  #isClosed = false;
  /** Why it closed, where more is known than that. */
  #why = '';

  constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new FrameReader(({ kind, batch, header, payload }) => this.#received({ kind, batch, header, payload: Buffer.from(payload) }));
    this.broken = new Promise((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        try {
          reader.push(chunk);
        } catch (error) {
          this.#why = `: ${(error as Error).message}`;
          resolve(error as Error);
          socket.destroy();
        }
      });
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isClosed = true;
        for (const { reject } of this.#waiting.splice(0)) reject(this.#gone());
        resolve();
      });
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The first frame of this kind that has not been taken yet. */
  next(kind: number, batch?: number): Promise<ReceivedFrame> {
    const matches = (frame: ReceivedFrame): boolean => frame.kind === kind && (batch === undefined || frame.batch === batch);
    const found = this.#take(this.#frames.findIndex(matches));
    if (found !== undefined) return Promise.resolve(found);
    if (this.#isClosed) return Promise.reject(this.#gone());
    return new Promise((resolve, reject) => this.#waiting.push({ matches, resolve, reject }));
  }

  /** The next frame that has not been taken yet, of whatever kind. */
  any(): Promise<ReceivedFrame> {
    const found = this.#take(0);
    if (found !== undefined) return Promise.resolve(found);
    if (this.#isClosed) return Promise.reject(this.#gone());
    return new Promise((resolve, reject) => this.#waiting.push({ matches: () => true, resolve, reject }));
  }

  /** Frames of this kind that have come and were not taken. */
  count(kind: number): number {
    return this.#frames.filter((frame) => frame.kind === kind).length;
  }

  /** Rejects where the connection began with something else. */
  async hello(): Promise<Hello> {
    const { kind, header } = await this.any();
    if (kind === FRAME.hello) return parseHello(header);
    const [name] = Object.entries(FRAME).find(([, number]) => number === kind) ?? [`kind ${kind}`];
    throw new Error(`a frame first that is no hello: ${name}`);
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
      const frame = this.#take(at);
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

  #gone(): Error {
    return new Error(`the connection closed${this.#why}`);
  }

  /** The frame that lies at this place, where there is one. */
  #take(at: number): ReceivedFrame | undefined {
    const [frame] = at < 0 ? [] : this.#frames.splice(at, 1);
    this.#framesBytes -= frame?.payload.length ?? 0;
    return frame;
  }

  #rowsOf(batch: number): number {
    return this.#frames.findIndex((frame) => frame.kind === FRAME.rows && frame.batch === batch);
  }

  #received(frame: ReceivedFrame): void {
    if (frame.kind === FRAME.goodbye) {
      const { code, message } = parseGoodbye(frame.header);
      this.#why = ` after goodbye ${code} (${message})`;
    }
    const at = this.#waiting.findIndex(({ matches }) => matches(frame));
    const [waiter] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (waiter !== undefined) return waiter.resolve(frame);
    this.#frames.push(frame);
    this.#framesBytes += frame.payload.length;
    if (this.#frames.length <= MAX_FRAMES && this.#framesBytes <= MAX_BYTES) return;
    this.#why = `: ${this.#frames.length} frames of ${this.#framesBytes} bytes came that nobody asked for`;
    this.#socket.destroy();
  }
}

/** The frame of a batch; `pack` is another writer of its header, for one that is to be odd. */
export function batchFrame(id: number, rows: number, tensors: readonly SentTensor[], more: Partial<BatchHeader> = {}, pack: (header: object) => Uint8Array = packHeader): Buffer {
  const inputs = tensors.map(({ data, ...part }): TensorPart => ({ ...part, bytes: data.length }));
  const header = pack({ rows, budget_us: 1_000_000, inputs, ...more } satisfies BatchHeader);
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
