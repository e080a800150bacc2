/** Words before the bytes: where the next frame is written, and where the next one is read. Both count on and wrap at 2^32. */
const HEADER_WORDS = 2;
const WRITTEN = 0;
const READ = 1;
const LENGTH_BYTES = 4;

/**
 * Frames of bytes from one thread to another, through shared memory: one writes, one reads, nobody waits.
 *
 *     | written | read | … bytes, `capacity` of them, a frame being its length (u32) and its content, wrapping at the end … |
 */
export class ByteRing {
  readonly memory: SharedArrayBuffer;
  readonly #positions: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #length = new Uint8Array(LENGTH_BYTES);

  /** A ring of its own, or the other end of one that is there. The capacity is a power of two. */
  constructor(memory: SharedArrayBuffer | { readonly capacityBytes: number }) {
    this.memory = memory instanceof SharedArrayBuffer ? memory : new SharedArrayBuffer(HEADER_WORDS * 4 + memory.capacityBytes);
    this.#positions = new Int32Array(this.memory, 0, HEADER_WORDS);
    this.#bytes = new Uint8Array(this.memory, HEADER_WORDS * 4);
    if ((this.capacityBytes & (this.capacityBytes - 1)) !== 0) throw new RangeError(`a ring of ${this.capacityBytes} bytes: not a power of two`);
  }

  get capacityBytes(): number {
    return this.#bytes.length;
  }

  /** The longest frame that can be written now. */
  get room(): number {
    return Math.max(0, this.capacityBytes - this.#used() - LENGTH_BYTES);
  }

  /** False where there is no room for it; nothing is written then. */
  write(frame: Uint8Array): boolean {
    if (this.#used() + LENGTH_BYTES + frame.length > this.capacityBytes) return false;
    const at = Atomics.load(this.#positions, WRITTEN);
    this.#length[0] = frame.length;
    this.#length[1] = frame.length >>> 8;
    this.#length[2] = frame.length >>> 16;
    this.#length[3] = frame.length >>> 24;
    this.#put(at, this.#length);
    this.#put(at + LENGTH_BYTES, frame);
    Atomics.store(this.#positions, WRITTEN, (at + LENGTH_BYTES + frame.length) | 0);
    return true;
  }

  /** The next frame, in memory of its own; undefined where there is none. */
  read(): Uint8Array | undefined {
    if (this.#used() === 0) return undefined;
    const at = Atomics.load(this.#positions, READ);
    this.#get(at, this.#length);
    const frame = new Uint8Array((this.#length[0] ?? 0) + (this.#length[1] ?? 0) * 0x100 + (this.#length[2] ?? 0) * 0x1_0000 + (this.#length[3] ?? 0) * 0x100_0000);
    this.#get(at + LENGTH_BYTES, frame);
    Atomics.store(this.#positions, READ, (at + LENGTH_BYTES + frame.length) | 0);
    return frame;
  }

  #used(): number {
    return (Atomics.load(this.#positions, WRITTEN) - Atomics.load(this.#positions, READ)) >>> 0;
  }

  #put(position: number, from: Uint8Array): void {
    const at = position & (this.capacityBytes - 1);
    const first = Math.min(from.length, this.capacityBytes - at);
    this.#bytes.set(first === from.length ? from : from.subarray(0, first), at);
    if (first < from.length) this.#bytes.set(from.subarray(first), 0);
  }

  #get(position: number, to: Uint8Array): void {
    const at = position & (this.capacityBytes - 1);
    const first = Math.min(to.length, this.capacityBytes - at);
    to.set(this.#bytes.subarray(at, at + first), 0);
    if (first < to.length) to.set(this.#bytes.subarray(0, to.length - first), first);
  }
}
