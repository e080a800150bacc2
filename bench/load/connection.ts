import { connect, type Socket } from 'node:net';
import { ResponseReader } from './response-reader.ts';

/** A request that has left: its number, the moment that its latency counts from, and that at which it did leave. */
export interface UnderWay {
  readonly sequence: number;
  readonly fromMicros: number;
  readonly leftMicros: number;
}

export interface ConnectionEvents {
  answered(connection: Connection, request: UnderWay, status: number, body: Buffer): void;
  /** An answer that nobody had asked for. */
  unsolicited(): void;
  /** The connection is over; `request` had no whole answer. */
  ended(connection: Connection, request: UnderWay | undefined, why: string): void;
}

/** All connections read into one buffer: what is said in it is handled before the next read. */
const READ_BYTES = 256 * 1024;
const readBuffer = Buffer.allocUnsafe(READ_BYTES);

/** One keep-alive connection with at most one request under way. */
export class Connection {
  readonly #socket: Socket;
  readonly #reader: ResponseReader;
  readonly #events: ConnectionEvents;
  #copy = Buffer.alloc(0);
  #request: UnderWay | undefined;
  #over = false;

  /** Connects; `opened` is called once it has. Requests that are sent before leave when it has. */
  constructor(to: { host: string; port: number }, events: ConnectionEvents, opened: () => void = () => undefined) {
    this.#events = events;
    this.#reader = new ResponseReader((status, body) => this.#answered(status, body));
    this.#socket = connect({
      ...to,
      noDelay: true,
      onread: { buffer: readBuffer, callback: (length) => this.#read(length) },
    }, opened);
    this.#socket.on('error', (error) => this.#end(error.message));
    this.#socket.on('end', () => this.#end('the server ended it'));
    this.#socket.on('close', () => this.#end('closed'));
  }

  get idle(): boolean {
    return this.#request === undefined && !this.#over;
  }

  /** Sends a whole request; the bytes are copied. The connection must be idle. */
  send(request: UnderWay, bytes: Uint8Array): void {
    if (!this.idle) throw new Error(`request ${request.sequence}: the connection is not idle`);
    this.#request = request;
    this.#socket.write(this.#copied(bytes));
  }

  close(): void {
    this.#over = true;
    this.#socket.destroy();
  }

  /** The copy is used anew only once the kernel has all of it, for a source changes its bytes in place. */
  #copied(bytes: Uint8Array): Uint8Array {
    if (this.#copy.length < bytes.length || this.#socket.writableLength > 0) this.#copy = Buffer.allocUnsafeSlow(bytes.length);
    this.#copy.set(bytes);
    return this.#copy.length === bytes.length ? this.#copy : this.#copy.subarray(0, bytes.length);
  }

  #read(length: number): boolean {
    try {
      if (!this.#over) this.#reader.push(readBuffer, length);
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
    }
    return true;
  }

  #answered(status: number, body: Buffer): void {
    const request = this.#request;
    if (request === undefined) {
      this.#events.unsolicited();
      return;
    }
    this.#request = undefined;
    this.#events.answered(this, request, status, body);
  }

  #end(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.destroy();
    this.#events.ended(this, this.#request, why);
  }
}
