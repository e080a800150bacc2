const SMALLEST_BYTES = 16 * 1024;
const LARGEST_KEPT_BYTES = 4 * 1024 * 1024;
const MAX_KEPT = 4;

/** Buffers to write replies from, used anew once the socket has taken their bytes. */
export class SendBuffers {
  readonly #free: Buffer[] = [];

  take(bytes: number): Buffer {
    const fitting = this.#free.findIndex((buffer) => buffer.length >= bytes);
    const [found] = fitting < 0 ? [] : this.#free.splice(fitting, 1);
    return found ?? Buffer.allocUnsafeSlow(Math.max(SMALLEST_BYTES, bytes));
  }

  give(buffer: Buffer): void {
    if (buffer.length > LARGEST_KEPT_BYTES) return;
    if (this.#free.length === MAX_KEPT) this.#free.shift();
    this.#free.push(buffer);
  }
}
