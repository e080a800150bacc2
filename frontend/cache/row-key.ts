import type { InputColumn, Query, Slab } from '../domain/query.ts';
import { HalfSipHash } from './half-sip-hash.ts';

/** Longest run of bytes that is copied into memory kept for that, where a row does not lie on a word. */
const KEPT_BYTES = 64 * 1024;

/**
 * What one row holds, as 32-bit words to hash, compare and copy: read where it lies, without a copy where it lies on a
 * word. Two rows have the same words exactly when they have the same inputs with the same bytes and, where rows are
 * ragged, the same shapes; names and dtypes are the query's `batchKey`, which the words do not hold.
 *
 *     of each input: length in bytes · length and letters of the name, where there are several · rank and shape, where
 *     ragged · the last bytes that are no whole word          then the whole words of each input
 *
 * `load` a row; the rest speaks of that row and is valid until its slabs are given back, or the next `load`.
 */
export class RowKey {
  readonly #hash: HalfSipHash;
  readonly #words: Int32Array[] = [];
  readonly #starts: number[] = [];
  readonly #counts: number[] = [];
  #head = new Int32Array(64);
  #scratch: Int32Array | undefined;
  #runs = 0;
  #length = 0;

  /** Two secret words: whoever knows them can make rows meet, and look-ups slow. */
  constructor(seed: readonly [number, number]) {
    this.#hash = new HalfSipHash(seed);
  }

  /** Words of the row. */
  get length(): number {
    return this.#length;
  }

  load(query: Query, row: number): void {
    const { columns } = query;
    this.#runs = 1;
    this.#length = 0;
    let head = 0;
    for (const column of columns) {
      const start = column.spans?.offsets[row] ?? column.offset + row * column.strideBytes;
      const bytes = column.spans?.lengths[row] ?? column.rowBytes;
      head = this.#describe(column, row, { bytes, named: columns.length > 1, head });
      this.#push(head++, lastWord(column.slab.bytes, start, bytes));
      if (bytes >= 4) this.#take(column.slab, start, bytes >>> 2);
    }
    this.#words[0] = this.#head;
    this.#starts[0] = 0;
    this.#counts[0] = head;
    this.#length += head;
  }

  /** 32 bits as a signed integer; `salt` tells apart rows of different owners. */
  hash(salt: number): number {
    this.#absorb(salt);
    return this.#hash.finish();
  }

  /** 53 bits, as a non-negative integer. */
  wideHash(): number {
    this.#absorb(0);
    return this.#hash.finishWide();
  }

  equals(words: Int32Array): boolean {
    if (words.length !== this.#length) return false;
    let at = 0;
    for (let run = 0; run < this.#runs; run++) {
      const own = this.#words[run] as Int32Array;
      const start = this.#starts[run] as number;
      const count = this.#counts[run] as number;
      // Rows of one hash hardly ever differ: no way out in between makes a third less work of it.
      let difference = 0;
      for (let i = 0; i < count; i++) difference |= (own[start + i] as number) ^ (words[at + i] as number);
      if (difference !== 0) return false;
      at += count;
    }
    return true;
  }

  /** The words in memory of their own. */
  copy(): Int32Array {
    const words = new Int32Array(this.#length);
    let at = 0;
    for (let run = 0; run < this.#runs; run++) {
      const start = this.#starts[run] as number;
      const count = this.#counts[run] as number;
      words.set((this.#words[run] as Int32Array).subarray(start, start + count), at);
      at += count;
    }
    return words;
  }

  #absorb(salt: number): void {
    SALT[0] = salt;
    this.#hash.begin();
    this.#hash.absorb(SALT, 0, 1);
    for (let run = 0; run < this.#runs; run++) this.#hash.absorb(this.#words[run] as Int32Array, this.#starts[run] as number, this.#counts[run] as number);
  }

  #describe(column: InputColumn, row: number, how: { bytes: number; named: boolean; head: number }): number {
    let { head } = how;
    this.#push(head++, how.bytes);
    if (how.named) {
      const { name } = column;
      this.#push(head++, name.length);
      for (let i = 0; i < name.length; i++) this.#push(head++, name.charCodeAt(i));
    }
    const shape = column.spans?.shapes?.[row];
    if (shape !== undefined) {
      this.#push(head++, shape.length);
      for (const extent of shape) this.#push(head++, extent);
    }
    return head;
  }

  #push(at: number, word: number): void {
    if (at >= this.#head.length) {
      const longer = new Int32Array(this.#head.length * 2);
      longer.set(this.#head);
      this.#head = longer;
    }
    this.#head[at] = word;
  }

  #take(slab: Slab, start: number, count: number): void {
    const run = this.#runs++;
    const words = (start & 3) === 0 ? wordsOf(slab) : undefined;
    this.#words[run] = words ?? this.#copied(slab.bytes, start, count);
    this.#starts[run] = words === undefined ? 0 : start >>> 2;
    this.#counts[run] = count;
    this.#length += count;
  }

  /** Only one run at a time can use the kept memory; the others get their own. */
  #copied(bytes: Uint8Array, start: number, count: number): Int32Array {
    const fits = count * 4 <= KEPT_BYTES && this.#runs === 2;
    const words = fits ? (this.#scratch ??= new Int32Array(KEPT_BYTES / 4)) : new Int32Array(count);
    new Uint8Array(words.buffer).set(bytes.subarray(start, start + count * 4));
    return words;
  }
}

/** A hash of what one row of a query holds, for whoever must know rows again: 53 bits, as a non-negative integer. */
export function rowHasher(seed: readonly [number, number]): (query: Query, row: number) => number {
  const key = new RowKey(seed);
  return (query, row) => {
    key.load(query, row);
    return key.wideHash();
  };
}

const SALT = new Int32Array(1);
const views = new WeakMap<Uint8Array, Int32Array>();

/** A slab's memory as words, made once a slab; undefined where it does not begin on a word. */
function wordsOf({ bytes }: Slab): Int32Array | undefined {
  const known = views.get(bytes);
  if (known !== undefined || (bytes.byteOffset & 3) !== 0) return known;
  const made = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  views.set(bytes, made);
  return made;
}

/** The one to three bytes behind the last whole word, the first of them lowest. */
function lastWord(bytes: Uint8Array, start: number, length: number): number {
  let word = 0;
  for (let at = length & ~3; at < length; at++) word |= (bytes[start + at] ?? 0) << ((at & 3) * 8);
  return word;
}
