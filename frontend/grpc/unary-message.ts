import { PREFIX_BYTES } from './message-frame.ts';
import { MessageProgress } from './message-progress.ts';

const NOTHING = Buffer.alloc(0);
const FLAG_PACKED = 1;

/**
 * The one message of a unary call, put together as its bytes come. It holds less than twice of what has come, however small
 * the pieces: those are parts of larger reads, and would each keep all of theirs.
 */
export class UnaryMessage {
  readonly #mostBytes: number;
  /** The message from its prefix on, as far as it has come, and room behind. */
  #bytes: Buffer = NOTHING;
  #come = 0;
  /** Where it ends in `#bytes`; unknown until its prefix is there. */
  #end: number | undefined;
  /** What has come behind it. */
  #behind: MessageProgress | undefined;

  /** `mostBytes`: as long as it may be. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Takes what came; says what is wrong with it, if anything: a message that is longer than may be, or that is a second one. */
  push(piece: Buffer): { readonly kind: 'too_long'; readonly bytes: number } | { readonly kind: 'second' } | undefined {
    if (this.isWhole) return this.#follow(piece);
    this.#add(piece);
    if (this.#come < PREFIX_BYTES) return undefined;
    const bytes = this.#bytes.readUInt32BE(1);
    if (bytes > this.#mostBytes) return { kind: 'too_long', bytes };
    const end = PREFIX_BYTES + bytes;
    this.#end = end;
    return this.#come > end ? this.#follow(this.#bytes.subarray(end, this.#come)) : undefined;
  }

  get isWhole(): boolean {
    return this.#end !== undefined && this.#come >= this.#end;
  }

  get isPacked(): boolean {
    return this.#bytes[0] === FLAG_PACKED;
  }

  /** Once it is whole, and without its prefix. */
  get bytes(): Buffer {
    return this.#bytes.subarray(PREFIX_BYTES, this.#end);
  }

  /** Lets go of what has come. */
  forget(): void {
    this.#bytes = NOTHING;
  }

  #add(piece: Buffer): void {
    const needed = this.#come + piece.length;
    if (this.#come === 0 && 2 * piece.length >= piece.buffer.byteLength) {
      this.#bytes = piece;
    } else if (needed <= this.#bytes.length && this.#come > 0) {
      this.#bytes.set(piece, this.#come);
    } else {
      const grown = Buffer.allocUnsafe(this.#come === 0 ? needed : 2 * needed);
      grown.set(this.#bytes.subarray(0, this.#come));
      grown.set(piece, this.#come);
      this.#bytes = grown;
    }
    this.#come = needed;
  }

  #follow(piece: Uint8Array): ReturnType<UnaryMessage['push']> {
    const behind = (this.#behind ??= new MessageProgress(this.#mostBytes));
    behind.push(piece);
    if (behind.tooLong !== undefined) return { kind: 'too_long', bytes: behind.tooLong };
    return behind.whole > 0 ? { kind: 'second' } : undefined;
  }
}
