import { PREFIX_BYTES } from './message-frame.ts';

/** Follows the messages of one stream as their bytes come, and keeps none of them. */
export class MessageProgress {
  readonly #mostBytes: number;
  #length = 0;
  /** Bytes that have come of a message that is not whole, its prefix among them. */
  held = 0;
  /** Messages that have come whole. */
  whole = 0;
  /** The first length that was more than a message may have. */
  tooLong: number | undefined;

  constructor(mostBytes = Number.POSITIVE_INFINITY) {
    this.#mostBytes = mostBytes;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.held < PREFIX_BYTES) {
        this.#length = this.held <= 1 ? bytes[at] as number * this.held : this.#length * 256 + (bytes[at] as number);
        at++;
        this.held++;
        if (this.held === PREFIX_BYTES && this.#length > this.#mostBytes) this.tooLong ??= this.#length;
      } else {
        const taken = Math.min(PREFIX_BYTES + this.#length - this.held, bytes.length - at);
        at += taken;
        this.held += taken;
      }
      if (this.held < PREFIX_BYTES || this.held !== PREFIX_BYTES + this.#length) continue;
      this.held = 0;
      this.whole++;
    }
  }
}
