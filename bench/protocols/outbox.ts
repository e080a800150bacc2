import type { Socket } from 'node:net';

const BYTES = 256 * 1024;

/** Gathers what one turn of the event loop has to say into one write. */
export class Outbox {
  readonly #socket: Socket;
  #bytes = Buffer.allocUnsafeSlow(BYTES);
  #from = 0;
  #filled = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Room for so many bytes, which the caller fills before it asks for more. At most 256 KiB. */
  room(bytes: number): Buffer {
    if (bytes > BYTES) throw new RangeError(`${bytes} bytes at once, where at most ${BYTES} are gathered`);
    if (this.#filled + bytes > BYTES) {
      this.flush();
      // What the kernel has not taken yet must stay as it is.
      if (this.#socket.writableLength > 0) this.#bytes = Buffer.allocUnsafeSlow(BYTES);
      this.#from = 0;
      this.#filled = 0;
    }
    const at = this.#filled;
    this.#filled += bytes;
    return this.#bytes.subarray(at, this.#filled);
  }

  put(bytes: Uint8Array): void {
    this.room(bytes.length).set(bytes);
  }

  flush(): void {
    if (this.#from === this.#filled) return;
    this.#socket.write(this.#bytes.subarray(this.#from, this.#filled));
    this.#from = this.#filled;
    if (this.#socket.writableLength === 0) {
      this.#from = 0;
      this.#filled = 0;
    }
  }
}
