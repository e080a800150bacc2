import { connect, type Socket } from 'node:net';
import { grpcStatus, literalFields } from './grpc-status.ts';
import { DEFAULT_FRAME_BYTES, DEFAULT_WINDOW_BYTES, FLAG, FRAME, frameOf, FrameReader, HEAD_BYTES, MOST_WINDOW_BYTES, PREFACE, readSettings, SETTING, settingsFrame, windowUpdateFrame, writeHead, type FrameHead } from './http2-frames.ts';
import { Outbox } from './outbox.ts';

export interface GrpcConnectionEvents {
  /** The server has said its settings: calls may go. */
  ready(): void;
  /** A call has its message and status 0. What is called in it leaves in one write with the rest. */
  answered(): void;
  /** The connection, or a call on it, broke; comes at most once, and last. */
  failed(why: string): void;
}

/** A message whose bytes are leaving. */
interface Leaving {
  readonly stream: number;
  readonly message: Buffer;
  sent: number;
  windowBytes: number;
}

const PREFIX_BYTES = 5;
const READ_BYTES = 256 * 1024;
/** What is said in it is handled before the next read. */
const readBuffer = Buffer.allocUnsafe(READ_BYTES);

/**
 * Unary gRPC calls over HTTP/2 (RFC 9113), for a generator of load: a fraction of what a whole client costs, so that one
 * process can keep a server busy. It keeps no table of fields, sends every call with the same ones, heeds the server's
 * windows, and takes anything that it does not know for a failure.
 */
export class GrpcConnection {
  readonly #events: GrpcConnectionEvents;
  readonly #socket: Socket;
  readonly #out: Outbox;
  readonly #fields: Buffer;
  readonly #reader = new FrameReader((head, payload) => this.#frame(head, payload));
  /** Bytes of the answers so far, by stream. */
  readonly #underWay = new Map<number, number>();
  readonly #waiting: Buffer[] = [];
  #leaving: Leaving | undefined;
  #nextStream = 1;
  #ready = false;
  #over = false;
  #streamsMost = Number.POSITIVE_INFINITY;
  #frameBytes = DEFAULT_FRAME_BYTES;
  #streamWindowBytes = DEFAULT_WINDOW_BYTES;
  #windowBytes = DEFAULT_WINDOW_BYTES;
  #unreportedBytes = 0;

  constructor(to: { readonly host: string; readonly port: number }, path: string, events: GrpcConnectionEvents) {
    this.#events = events;
    this.#fields = literalFields([
      [':method', 'POST'], [':scheme', 'http'], [':path', path], [':authority', `${to.host}:${to.port}`], ['te', 'trailers'], ['content-type', 'application/grpc'],
    ]);
    this.#socket = connect({ ...to, noDelay: true, onread: { buffer: readBuffer, callback: (length) => this.#read(length) } });
    this.#out = new Outbox(this.#socket);
    this.#socket.on('error', (error) => this.#fail(error.message));
    this.#socket.on('close', () => this.#fail('the server closed the connection'));
    this.#out.put(PREFACE);
    this.#out.put(settingsFrame([[SETTING.headerTableSize, 0], [SETTING.enablePush, 0], [SETTING.initialWindowSize, MOST_WINDOW_BYTES]]));
    this.#out.put(windowUpdateFrame(0, MOST_WINDOW_BYTES - DEFAULT_WINDOW_BYTES));
    this.#out.flush();
  }

  /** Sends a message as soon as the windows let it; `flush` sees that it leaves. It must stay as it is. */
  call(message: Buffer): void {
    if (!this.#ready) throw new Error('called before the connection was ready');
    this.#waiting.push(message);
    this.#send();
  }

  /** For calls made outside of `answered`. */
  flush(): void {
    this.#out.flush();
  }

  close(): void {
    this.#over = true;
    this.#socket.destroy();
  }

  #read(length: number): boolean {
    if (this.#over) return true;
    try {
      this.#reader.push(readBuffer.subarray(0, length));
      this.#out.flush();
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
    return true;
  }

  #frame(head: FrameHead, payload: Buffer): void {
    if (this.#over) return;
    const { type, flags, stream } = head;
    switch (type) {
      case FRAME.data: return this.#data(head);
      case FRAME.headers: return this.#headers(head, payload);
      case FRAME.settings: return (flags & FLAG.ack) === 0 ? this.#settings(readSettings(payload)) : undefined;
      case FRAME.windowUpdate: return this.#windowUpdate(stream, payload.readUInt32BE(0) & MOST_WINDOW_BYTES);
      case FRAME.ping: return (flags & FLAG.ack) === 0 ? this.#out.put(frameOf({ type: FRAME.ping, flags: FLAG.ack, stream: 0, payload })) : undefined;
      case FRAME.resetStream: throw new Error(`the server reset a call with HTTP/2 error ${payload.readUInt32BE(0)}`);
      case FRAME.goAway: throw new Error(`the server said GOAWAY with HTTP/2 error ${payload.readUInt32BE(4)} ${payload.toString('latin1', 8)}`.trimEnd());
      default: throw new Error(`a frame of type ${type} that this client does not know`);
    }
  }

  #data({ stream, flags, length }: FrameHead): void {
    if ((flags & (FLAG.endStream | FLAG.padded)) !== 0) throw new Error('an answer without trailers, or with padding');
    this.#underWay.set(stream, this.#bytesOf(stream) + length);
    // The windows of streams are wide enough for any answer; the connection's is opened again in large steps.
    this.#unreportedBytes += length;
    if (this.#unreportedBytes < MOST_WINDOW_BYTES / 2) return;
    this.#out.put(windowUpdateFrame(0, this.#unreportedBytes));
    this.#unreportedBytes = 0;
  }

  #headers({ stream, flags }: FrameHead, block: Buffer): void {
    const bytes = this.#bytesOf(stream);
    if ((flags & (FLAG.endHeaders | FLAG.padded | FLAG.priority)) !== FLAG.endHeaders) throw new Error('fields in more than one frame, or with padding or priority');
    if ((flags & FLAG.endStream) === 0) return;
    const status = grpcStatus(block);
    if (status !== '0') throw new Error(`a call ended with ${status === undefined ? 'no grpc-status' : `grpc-status ${status}`}`);
    if (bytes < PREFIX_BYTES) throw new Error('a call ended well, but without a message');
    this.#underWay.delete(stream);
    this.#events.answered();
  }

  #bytesOf(stream: number): number {
    const bytes = this.#underWay.get(stream);
    if (bytes === undefined) throw new Error(`an answer on stream ${stream}, where no call is under way`);
    return bytes;
  }

  #settings(settings: ReadonlyMap<number, number>): void {
    const windowBytes = settings.get(SETTING.initialWindowSize) ?? this.#streamWindowBytes;
    if (this.#leaving !== undefined) this.#leaving.windowBytes += windowBytes - this.#streamWindowBytes;
    this.#streamWindowBytes = windowBytes;
    this.#frameBytes = Math.min(settings.get(SETTING.maxFrameSize) ?? this.#frameBytes, DEFAULT_WINDOW_BYTES);
    this.#streamsMost = settings.get(SETTING.maxConcurrentStreams) ?? this.#streamsMost;
    this.#out.put(frameOf({ type: FRAME.settings, flags: FLAG.ack, stream: 0, payload: new Uint8Array() }));
    if (this.#ready) return this.#send();
    this.#ready = true;
    this.#events.ready();
  }

  #windowUpdate(stream: number, bytes: number): void {
    if (stream === 0) this.#windowBytes += bytes;
    else if (this.#leaving?.stream === stream) this.#leaving.windowBytes += bytes;
    this.#send();
  }

  /** One message after another, each as far as its windows go: one that waits holds those behind it. */
  #send(): void {
    for (;;) {
      this.#leaving ??= this.#begin();
      if (this.#leaving === undefined || !this.#advance(this.#leaving)) return;
      this.#leaving = undefined;
    }
  }

  #begin(): Leaving | undefined {
    if (this.#windowBytes === 0) return undefined;
    const message = this.#waiting.shift();
    if (message === undefined) return undefined;
    if (this.#underWay.size >= this.#streamsMost) throw new Error(`more calls at a time than the ${this.#streamsMost} that the server takes`);
    const stream = this.#nextStream;
    if (stream > MOST_WINDOW_BYTES) throw new Error('a connection has no more streams');
    this.#nextStream += 2;
    this.#underWay.set(stream, 0);
    const bytes = this.#out.room(HEAD_BYTES + this.#fields.length);
    bytes.set(this.#fields, writeHead(bytes, 0, { length: this.#fields.length, type: FRAME.headers, flags: FLAG.endHeaders, stream }));
    return { stream, message, sent: -PREFIX_BYTES, windowBytes: this.#streamWindowBytes };
  }

  /** Whether all of it has left. `sent` counts the message's bytes: its prefix comes before them. */
  #advance(leaving: Leaving): boolean {
    const { stream, message } = leaving;
    while (leaving.sent < message.length) {
      const length = Math.min(message.length - leaving.sent, this.#frameBytes, this.#windowBytes, leaving.windowBytes);
      // The prefix goes whole.
      if (length < (leaving.sent < 0 ? PREFIX_BYTES : 1)) return false;
      const last = leaving.sent + length === message.length;
      const bytes = this.#out.room(HEAD_BYTES + length);
      let at = writeHead(bytes, 0, { length, type: FRAME.data, flags: last ? FLAG.endStream : 0, stream });
      if (leaving.sent < 0) {
        bytes[at] = 0;
        at = bytes.writeUInt32BE(message.length, at + 1);
      }
      bytes.set(message.subarray(Math.max(0, leaving.sent), leaving.sent + length), at);
      leaving.sent += length;
      leaving.windowBytes -= length;
      this.#windowBytes -= length;
    }
    return true;
  }

  #fail(why: string): void {
    if (this.#over) return;
    this.close();
    this.#events.failed(why);
  }
}
