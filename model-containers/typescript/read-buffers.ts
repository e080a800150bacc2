/** Bytes read from a socket at a time. */
const READ_BYTES = 64 * 1024;

interface ReadBuffer {
  readonly bytes: Buffer;
  holders: number;
}

/**
 * The memory that a socket reads into: one buffer used over and over, until a batch has to be kept beyond the read;
 * the next read then goes to another buffer, and the kept one is used anew once its last holder lets go.
 * There are never more buffers than batches under way, plus one.
 */
export class ReadBuffers {
  readonly #free: ReadBuffer[] = [];
  #current: ReadBuffer = create();

  /** Where the next read goes. */
  next(): Buffer {
    if (this.#current.holders > 0) this.#current = this.#free.pop() ?? create();
    return this.#current.bytes;
  }

  /** Keeps what was read last; the returned function, called once, lets it go. */
  hold(): () => void {
    const held = this.#current;
    held.holders++;
    return () => {
      held.holders--;
      if (held.holders === 0 && held !== this.#current) this.#free.push(held);
    };
  }
}

function create(): ReadBuffer {
  // Slow: memory of its own, so that it begins aligned.
  return { bytes: Buffer.allocUnsafeSlow(READ_BYTES), holders: 0 };
}
