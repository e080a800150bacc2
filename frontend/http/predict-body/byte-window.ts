import { claimRegion, type ScanRegion } from './float32-scan.ts';

/** Zero bytes that always follow the last byte, so that the number loop may read ahead without asking how far. */
const PADDING_BYTES = 16;
const INITIAL_BYTES = 64 * 1024 - PADDING_BYTES;

/**
 * The piece of the body that is being read. What cannot be told yet, a token that the chunk cuts, stays; the next chunk
 * is put behind it, so that tokens always lie in one piece. Copying costs a fiftieth of what parsing does.
 *
 *     consumed … | at: next byte to read … end | zeros
 */
export class ByteWindow {
  /** Where the fast scan can read these bytes; undefined once a long token made the window grow, and where none was left. */
  region: ScanRegion | undefined = claimRegion();
  readonly #home = this.region;
  bytes: Buffer = this.region?.bytes ?? Buffer.alloc(INITIAL_BYTES + PADDING_BYTES);
  view: DataView = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  at = 0;
  end = 0;
  /** Bytes from `at` on that are known not to hold the end of the token that begins there. */
  scanned = 0;
  /** Position in the body of the byte at 0. */
  #base = 0;

  /** Makes ready for another body, whose first byte to come is at `position`. */
  reset(position = 0): void {
    // A long string made it grow once: a pooled parser does not keep that.
    if (this.bytes.length > INITIAL_BYTES + PADDING_BYTES) {
      this.#replace(this.#home?.bytes ?? Buffer.alloc(INITIAL_BYTES + PADDING_BYTES));
      this.region = this.#home;
    }
    this.at = 0;
    this.end = 0;
    this.scanned = 0;
    this.#base = position;
  }

  /** What stands at a byte, for messages. */
  shown(at: number): string {
    if (at >= this.end) return 'the end';
    const c = this.bytes[at] ?? 0;
    return c > 0x20 && c < 0x7f ? `'${String.fromCharCode(c)}'` : `byte 0x${c.toString(16).padStart(2, '0')}`;
  }

  /** Position in the body of the byte that lies at `at`. */
  position(at: number): number {
    return this.#base + at;
  }

  /** Takes what there is room for of `chunk` from `from` on; makes room by need, as the unread token is all that stays. */
  append(chunk: Buffer, from: number): number {
    const kept = this.end - this.at;
    if (this.at > 0) {
      if (kept > 0) this.bytes.copyWithin(0, this.at, this.end);
      this.#base += this.at;
      this.at = 0;
      this.end = kept;
    }
    if (kept >= (this.bytes.length - PADDING_BYTES) / 2) this.#grow();
    const take = Math.min(chunk.length - from, this.bytes.length - PADDING_BYTES - this.end);
    chunk.copy(this.bytes, this.end, from, from + take);
    this.end += take;
    this.view.setFloat64(this.end, 0);
    this.view.setFloat64(this.end + 8, 0);
    return take;
  }

  /** Steps over white space; the byte that follows, or -1 where the window is used up. */
  peek(): number {
    const bytes = this.bytes;
    let at = this.at;
    let c = bytes[at] ?? 0;
    while (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) c = bytes[++at] ?? 0;
    this.at = at;
    return at < this.end ? c : -1;
  }

  /** The token of `length` bytes at `at` is done with. */
  skip(length: number): void {
    this.at += length;
    this.scanned = 0;
  }

  #grow(): void {
    const grown = Buffer.alloc((this.bytes.length - PADDING_BYTES) * 2 + PADDING_BYTES);
    this.bytes.copy(grown, 0, 0, this.end);
    this.#replace(grown);
    this.region = undefined;
  }

  #replace(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
