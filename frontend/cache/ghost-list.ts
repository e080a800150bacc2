/**
 * Hashes of what was evicted lately: the ghost queue of S3-FIFO, as its authors keep it, a table in which the later
 * overwrites the earlier at the same place. Fixed memory: 8 bytes a place.
 */
export class GhostList {
  readonly #hashes: Int32Array;
  readonly #stamps: Uint32Array;
  readonly #mask: number;
  /** So far from the stamps of empty places that nothing there looks recent. */
  #now = 2 ** 31;

  /** `places` is rounded up to a power of two. */
  constructor(places: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, places)));
    this.#hashes = new Int32Array(size);
    this.#stamps = new Uint32Array(size);
    this.#mask = size - 1;
  }

  get bytes(): number {
    return this.#hashes.byteLength + this.#stamps.byteLength;
  }

  add(hash: number): void {
    this.#now = (this.#now + 1) >>> 0;
    this.#hashes[hash & this.#mask] = hash;
    this.#stamps[hash & this.#mask] = this.#now;
  }

  /** Whether it was among the last `latest` that were added. */
  has(hash: number, latest: number): boolean {
    const place = hash & this.#mask;
    return this.#hashes[place] === hash && (this.#now - (this.#stamps[place] ?? 0)) >>> 0 < latest;
  }
}
