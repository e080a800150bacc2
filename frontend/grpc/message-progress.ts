/** A byte that says whether the message is compressed, and its length in four, the highest first. */
const PREFIX_BYTES = 5;

/** Follows the messages of one stream (gRPC over HTTP/2, "Length-Prefixed-Message") as their bytes come. */
export class MessageProgress {
  #length = 0;
  /** Bytes that have come of a message that is not whole, its prefix among them. */
  held = 0;

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.held < PREFIX_BYTES) {
        this.#length = this.held <= 1 ? bytes[at] as number * this.held : this.#length * 256 + (bytes[at] as number);
        at++;
        this.held++;
      } else {
        const taken = Math.min(PREFIX_BYTES + this.#length - this.held, bytes.length - at);
        at += taken;
        this.held += taken;
      }
      if (this.held >= PREFIX_BYTES && this.held === PREFIX_BYTES + this.#length) this.held = 0;
    }
  }
}
