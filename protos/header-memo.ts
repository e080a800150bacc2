const MAX_KNOWN = 64;
const MAX_BYTES = 4096;

interface KnownHeader {
  readonly bytes: Buffer;
  header: unknown;
}

/**
 * Reads header maps, and one that comes again to the byte only once: it is then the same object, which nobody may change.
 * Of each length the last is remembered, of 64 lengths at most. `read` unpacks one.
 */
export class HeaderMemo {
  readonly #read: (packed: Uint8Array) => unknown;
  readonly #known = new Map<number, KnownHeader>();

  constructor(read: (packed: Uint8Array) => unknown) {
    this.#read = read;
  }

  /** The header in `bytes[start…end]`; throws what `read` throws. */
  header(bytes: Buffer, start: number, end: number): unknown {
    const length = end - start;
    const known = this.#known.get(length);
    if (known !== undefined && bytes.compare(known.bytes, 0, length, start, end) === 0) return known.header;
    const header = this.#read(bytes.subarray(start, end));
    if (known !== undefined) {
      bytes.copy(known.bytes, 0, start, end);
      known.header = header;
    } else if (length <= MAX_BYTES) {
      if (this.#known.size === MAX_KNOWN) this.#known.clear();
      this.#known.set(length, { bytes: Buffer.from(bytes.subarray(start, end)), header });
    }
    return header;
  }
}
