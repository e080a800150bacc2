const SMALLEST_BYTES = 4096;
const LARGEST_BYTES = 64 * 1024 * 1024;

/** The first `length` bytes of a pooled buffer that whoever sends them gives back. */
export interface FilledBuffer {
  readonly buffer: Buffer;
  readonly length: number;
}

/**
 * Buffers that batches are gathered into, in sizes of powers of two. A buffer is out from `take` until `give`; what the
 * pool keeps is bounded by `maxFreeBytes`, and what is larger than 64 MiB is left to the garbage collector.
 * (A fresh buffer per batch is what makes the tail: reference/limits.md, "Off-heap garbage".)
 */
export class SendBuffers {
  readonly #free = new Map<number, Buffer[]>();
  readonly #maxFreeBytes: number;
  #freeBytes = 0;
  #out = 0;

  constructor(maxFreeBytes = 64 * 1024 * 1024) {
    this.#maxFreeBytes = maxFreeBytes;
  }

  /** Buffers that somebody holds; for leak checks. */
  get out(): number {
    return this.#out;
  }

  /** A buffer of at least `bytes` bytes, with whatever was in it. */
  take(bytes: number): Buffer {
    this.#out++;
    const size = sizeFor(bytes);
    const kept = this.#free.get(size)?.pop();
    if (kept === undefined) return Buffer.allocUnsafeSlow(size);
    this.#freeBytes -= size;
    return kept;
  }

  /** A buffer that was taken does not come back: somebody may still read it. */
  forget(): void {
    this.#out--;
  }

  give(buffer: Buffer): void {
    this.#out--;
    const size = buffer.length;
    if (size > LARGEST_BYTES || this.#freeBytes + size > this.#maxFreeBytes) return;
    this.#freeBytes += size;
    const same = this.#free.get(size);
    if (same === undefined) this.#free.set(size, [buffer]);
    else same.push(buffer);
  }
}

function sizeFor(bytes: number): number {
  if (bytes <= SMALLEST_BYTES) return SMALLEST_BYTES;
  if (bytes > LARGEST_BYTES) return bytes;
  return 2 ** (32 - Math.clz32(bytes - 1));
}
