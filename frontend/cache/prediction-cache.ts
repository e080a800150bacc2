import type { AnswerRow } from '../domain/answer.ts';
import type { Micros } from '../domain/clock.ts';
import type { Query } from '../domain/query.ts';
import type { SlabPool } from '../domain/slabs.ts';
import { giveRow, keepRow, rowBytes } from './kept-row.ts';
import { RowKey } from './row-key.ts';
import { S3Fifo, type Fifo, type Kept } from './s3-fifo.ts';

/** What an entry takes beside its words and its row: the object, its place in the index, the head of its words' memory. */
const ENTRY_BYTES = 448;
const LEAST_ENTRY_BYTES = ENTRY_BYTES + 64;
/** No entry may be larger than this part of the cache, nor may all that is on its way be. */
const LARGEST_PART = 8;
const PENDING_PART = 4;
const NEVER = Number.POSITIVE_INFINITY;

/** One model version as answers of one output kind: rows are looked for in a scope, and go with it. */
export interface CacheScope {
  readonly id: number;
  /** For people: `digits-mlp@3`. */
  readonly owner: string;
  readonly ttlMicros: Micros;
  /** Rows that can be found, and their bytes. */
  entries: number;
  bytes: number;
  open: boolean;
}

/**
 * Answers by what was asked. An entry is *pending* from `reserve` on: the answer is on its way and `pending` says who waits
 * for it; it is *kept* from `fill` on, until it lapses, is evicted, or its scope ends. At most one entry a row and scope.
 *
 * **The key** is the scope, the query's `batchKey` and every byte of the row, compared whole. The hash is keyed and only
 * says where to look.
 *
 * **A byte** is one of heap or buffer, as `process.memoryUsage()` has it: of an entry 4 for each word of its key, what
 * `rowBytes` says of its row, and `ENTRY_BYTES`; of the cache itself the ghosts' table. All of it, pending entries too,
 * is at most `maxBytes`; a test holds the growth of the heap against it.
 */
export class PredictionCache<P> {
  readonly maxBytes: number;
  readonly #slabs: SlabPool;
  readonly #key: RowKey;
  readonly #index = new Map<number, CacheEntry<P>>();
  readonly #kept: S3Fifo<CacheEntry<P>>;
  readonly #scopes = new Map<number, CacheScope>();
  #lastScope = 0;
  #pendingBytes = 0;
  #pending = 0;
  #evictions = 0;
  /** What the key holds: the row that was looked for last. */
  #looked: Query | undefined;
  #lookedRow = 0;
  #lookedHash = 0;

  constructor(options: { maxBytes: number; slabs: SlabPool; seed: readonly [number, number] }) {
    this.maxBytes = options.maxBytes;
    this.#slabs = options.slabs;
    this.#key = new RowKey(options.seed);
    this.#kept = new S3Fifo({ ghosts: Math.floor(options.maxBytes / LEAST_ENTRY_BYTES / 2) });
  }

  get bytes(): number {
    return this.#kept.bytes + this.#pendingBytes + this.#kept.fixedBytes;
  }
  /** Rows that can be found. */
  get entries(): number {
    return this.#kept.size;
  }
  /** Rows whose answer is on its way. */
  get pending(): number {
    return this.#pending;
  }
  /** Entries that had to make room, since the start. */
  get evictions(): number {
    return this.#evictions;
  }

  /** Without `ttlMicros` rows stay until they are evicted: a model version does not change. */
  open(owner: string, ttlMicros: Micros = NEVER): CacheScope {
    const scope = { id: ++this.#lastScope, owner, ttlMicros, entries: 0, bytes: 0, open: true };
    this.#scopes.set(scope.id, scope);
    return scope;
  }

  /** The scopes that are open, the oldest first. */
  scopes(): Iterable<CacheScope> {
    return this.#scopes.values();
  }

  /** The entry of row `row` of `query`: kept (`row` is there) or pending. A kept one counts as used. */
  find(scope: CacheScope, query: Query, row: number, now: Micros): CacheEntry<P> | undefined {
    const key = this.#key;
    key.load(query, row);
    this.#looked = query;
    this.#lookedRow = row;
    this.#lookedHash = key.hash(scope.id);
    const { batchKey } = query;
    for (let entry = this.#index.get(this.#lookedHash); entry !== undefined; entry = entry.next) {
      if (entry.scope !== scope || entry.batchKey !== batchKey || !key.equals(entry.words)) continue;
      if (entry.expiresAtMicros <= now) {
        this.drop(entry);
        return undefined;
      }
      this.#kept.use(entry);
      return entry;
    }
    return undefined;
  }

  /** The kept row of an entry, for one answer: its tensors are the answer's, and released with it. */
  give(row: AnswerRow): AnswerRow {
    return giveRow(row, this.#slabs);
  }

  /**
   * A pending entry for a row that was not found, with nothing looked for in between. Undefined where it would be too
   * large, too much is on its way, or the scope has ended: the row is then asked for without the cache.
   */
  reserve(scope: CacheScope, query: Query, row: number, pending: P): CacheEntry<P> | undefined {
    if (this.#looked !== query || this.#lookedRow !== row) throw new RangeError(`row ${row} was not the last that was looked for`);
    const key = this.#key;
    const hash = this.#lookedHash;
    const bytes = ENTRY_BYTES + key.length * 4;
    if (!scope.open || bytes > this.maxBytes / LARGEST_PART || this.#pendingBytes + bytes > this.maxBytes / PENDING_PART) return undefined;
    const entry = new CacheEntry<P>({ scope, batchKey: query.batchKey, hash, words: key.copy(), bytes, pending });
    entry.next = this.#index.get(hash);
    this.#index.set(hash, entry);
    this.#pendingBytes += bytes;
    this.#pending++;
    this.#makeRoom();
    return entry;
  }

  /** The answer has come: from now on the row is found. The cache makes its own copy. Nothing happens where the entry was dropped. */
  fill(entry: CacheEntry<P>, row: AnswerRow, now: Micros): void {
    if (entry.pending === undefined) return;
    const bytes = entry.bytes + rowBytes(row);
    if (bytes > this.maxBytes / LARGEST_PART) {
      this.drop(entry);
      return;
    }
    this.#endPending(entry);
    entry.row = keepRow(row);
    entry.bytes = bytes;
    entry.expiresAtMicros = now + entry.scope.ttlMicros;
    entry.scope.entries++;
    entry.scope.bytes += bytes;
    this.#kept.insert(entry);
    this.#makeRoom();
  }

  /** Forgets an entry: its row failed, or it is no longer true. */
  drop(entry: CacheEntry<P>): void {
    if (entry.pending === undefined && entry.place === undefined) return;
    if (entry.pending === undefined) this.#kept.remove(entry);
    else this.#endPending(entry);
    this.#unlist(entry);
  }

  /** The model version is gone: its entries go with it, and what is still on its way will not be kept. */
  close(scope: CacheScope): void {
    scope.open = false;
    this.#scopes.delete(scope.id);
    this.#dropWhere((entry) => entry.scope === scope);
  }

  /** Drops every kept row, of one owner where one is named; says how many. What is on its way still comes, and is kept. */
  clear(owner?: string): number {
    return this.#dropWhere((entry) => entry.pending === undefined && (owner === undefined || entry.scope.owner === owner));
  }

  #dropWhere(matches: (entry: CacheEntry<P>) => boolean): number {
    let dropped = 0;
    for (const first of [...this.#index.values()]) {
      for (let entry: CacheEntry<P> | undefined = first; entry !== undefined;) {
        const { next }: CacheEntry<P> = entry;
        if (matches(entry)) {
          this.drop(entry);
          dropped++;
        }
        entry = next;
      }
    }
    return dropped;
  }

  #makeRoom(): void {
    while (this.bytes > this.maxBytes) {
      const entry = this.#kept.evict();
      if (entry === undefined) return;
      this.#evictions++;
      this.#unlist(entry);
    }
  }

  #endPending(entry: CacheEntry<P>): void {
    entry.pending = undefined;
    this.#pendingBytes -= entry.bytes;
    this.#pending--;
  }

  /** Takes an entry that is nowhere else any more out of the index. */
  #unlist(entry: CacheEntry<P>): void {
    if (entry.row !== undefined) {
      entry.scope.entries--;
      entry.scope.bytes -= entry.bytes;
    }
    const first = this.#index.get(entry.hash);
    if (first !== entry) {
      for (let before = first; before !== undefined; before = before.next) if (before.next === entry) before.next = entry.next;
    } else if (entry.next === undefined) this.#index.delete(entry.hash);
    else this.#index.set(entry.hash, entry.next);
    entry.next = undefined;
  }
}

/** One row and its answer, or who waits for it. Others read; the cache alone writes. */
export class CacheEntry<P> implements Kept {
  readonly scope: CacheScope;
  readonly batchKey: string;
  readonly hash: number;
  readonly words: Int32Array;
  bytes: number;
  pending: P | undefined;
  row: AnswerRow | undefined = undefined;
  expiresAtMicros: Micros = NEVER;
  /** The next of those that have the same hash. */
  next: CacheEntry<P> | undefined = undefined;
  uses = 0;
  place: Fifo | undefined = undefined;
  newer: Kept | undefined = undefined;
  older: Kept | undefined = undefined;

  constructor(entry: { scope: CacheScope; batchKey: string; hash: number; words: Int32Array; bytes: number; pending: P }) {
    this.scope = entry.scope;
    this.batchKey = entry.batchKey;
    this.hash = entry.hash;
    this.words = entry.words;
    this.bytes = entry.bytes;
    this.pending = entry.pending;
  }
}
