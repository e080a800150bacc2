import { WireError } from '../../../protos/wire.ts';

/**
 * Collects the one message of a unary gRPC answer, or the body of an HTTP one. What comes in one piece is not copied.
 * Throws `WireError` on more than `maxBytes`.
 */
export class MessageBuffer {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > this.#maxBytes) throw new WireError(`an answer of more than ${this.#maxBytes} bytes`);
    this.#chunks.push(chunk);
  }

  /** Everything that came. */
  body(): Buffer {
    const [first] = this.#chunks;
    if (first === undefined) return Buffer.alloc(0);
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks, this.#length)];
    return this.#chunks[0] ?? first;
  }

  /** The message behind the gRPC prefix; undefined where there is none. Throws `WireError` where it is not one whole message. */
  message(): Buffer | undefined {
    const body = this.body();
    if (body.length === 0) return undefined;
    if (body.length < 5 || body[0] !== 0 || body.readUInt32BE(1) !== body.length - 5) throw new WireError('an answer that is not one plain gRPC message');
    return body.subarray(5);
  }
}
