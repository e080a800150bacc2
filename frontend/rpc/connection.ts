import type { Socket } from 'node:net';
import { parseGoodbye } from '../../protos/parse-headers.ts';
import type { Frame, Goodbye } from '../../protos/wire.ts';
import { FRAME, FrameReader, WireError, controlFrame } from '../../protos/wire.ts';

/** Until a peer has proved who it is, its frames are small. */
const STRANGER_LIMITS = Object.freeze({ maxHeaderBytes: 1024 * 1024, maxPayloadBytes: 0 });

const NOTHING = new Uint8Array(0);

/** Who takes the frames of a connection. `ended` is called exactly once and last. */
export interface ConnectionOwner {
  /** May throw `WireError`: the connection then ends with that reason. */
  frame(frame: Frame): void;
  ended(why: string): void;
}

/**
 * One socket that speaks the wire. Bytes that cannot be a frame end this connection, and nothing else. It begins with an
 * owner who waits for the hello; whoever admits the peer takes it over with `admit`, which also lifts the limits.
 */
export class Connection {
  readonly #socket: Socket;
  #owner: ConnectionOwner;
  #reader: FrameReader;
  #admitted = false;
  #why: string | undefined;
  #over = false;

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#reader = this.#newReader(STRANGER_LIMITS);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => (this.#why ??= error.message));
    socket.on('end', () => (this.#why ??= 'it closed the connection'));
    socket.on('close', () => this.#end());
  }

  get open(): boolean {
    return !this.#over && this.#why === undefined;
  }

  admit(owner: ConnectionOwner): void {
    this.#owner = owner;
    this.#admitted = true;
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Sends pieces one after another, in one system call where they fit. They must not change until `sent` was called, once, whether they left or not. */
  sendAll(pieces: readonly Uint8Array[], sent: () => void): void {
    const last = pieces.length - 1;
    if (last === 0) return void this.#socket.write(pieces[0] ?? NOTHING, sent);
    this.#socket.cork();
    for (let i = 0; i <= last; i++) this.#socket.write(pieces[i] ?? NOTHING, i === last ? sent : undefined);
    this.#socket.uncork();
  }

  /** Says why and closes; `ended` comes later. */
  close(goodbye: Goodbye): void {
    if (!this.open) return;
    this.#why = goodbye.message;
    this.#socket.end(controlFrame(FRAME.goodbye, goodbye));
    // What the kernel took at once will arrive; a peer that lets bytes queue up here is not waited for.
    if (this.#socket.writableLength > 0) this.#socket.destroy();
    else this.#socket.destroySoon();
  }

  /** Cuts it off; `ended` comes before this returns. */
  destroy(why: string): void {
    this.#why ??= why;
    this.#socket.destroy();
    this.#end();
  }

  #read(chunk: Buffer): void {
    if (!this.open) return;
    if (this.#admitted && this.#reader.heldBytes === 0) {
      this.#reader = this.#newReader({});
      this.#admitted = false;
    }
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.close({ code: 'protocol_error', message: error.message });
      this.destroy(error.message);
    }
  }

  #newReader(limits: { maxHeaderBytes?: number; maxPayloadBytes?: number }): FrameReader {
    return new FrameReader((frame) => {
      if (!this.open) return;
      if (frame.kind === FRAME.goodbye) {
        const { code, message } = parseGoodbye(frame.header);
        this.#why = `it said goodbye: ${message || code}`;
        this.#socket.destroySoon();
        return;
      }
      this.#owner.frame(frame);
    }, limits);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.ended(this.#why ?? 'the connection ended');
  }
}
