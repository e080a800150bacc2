import { GhostList } from './ghost-list.ts';

/** What is kept: `bytes` and `hash` do not change while it is in; the rest is the queues' own. */
export interface Kept {
  readonly bytes: number;
  readonly hash: number;
  /** Times it was used before it came, or since it moved, at most 3: a look-up that finds it raises it and does nothing else. */
  uses: number;
  place: Fifo | undefined;
  newer: Kept | undefined;
  older: Kept | undefined;
}

/** The new ones' share of the bytes. */
const SMALL_SHARE = 0.1;
const MOST_USES = 3;

/**
 * Whom to evict: S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi: "FIFO queues are all you need for cache eviction", SOSP 2023,
 * algorithm 1), by bytes where the paper counts objects. A scan of keys that are asked once passes through the small queue
 * and leaves the main one as it was; a hit costs one increment, and nothing is moved.
 *
 *     new ─▶ small (a tenth) ─ used twice or more ─▶ main ─ not used since ─▶ out
 *                │                                    ▲└── used: once more round ──┘
 *                └─ else ─▶ out, its hash ─▶ ghosts ──┘ comes again while remembered
 */
export class S3Fifo<T extends Kept> {
  readonly #small = new Fifo();
  readonly #main = new Fifo();
  readonly #ghosts: GhostList;

  /** `ghosts`: places for hashes of what went; as many as there may be entries. */
  constructor(options: { ghosts: number }) {
    this.#ghosts = new GhostList(options.ghosts);
  }

  get size(): number {
    return this.#small.size + this.#main.size;
  }
  /** Bytes of what is kept. */
  get bytes(): number {
    return this.#small.bytes + this.#main.bytes;
  }
  /** Bytes of the bookkeeping that is always there. */
  get fixedBytes(): number {
    return this.#ghosts.bytes;
  }

  insert(item: T): void {
    // As many ghosts as the main queue has entries, as in the paper; never so few that nothing could come back.
    const remembered = Math.max(this.#main.size, this.#small.size);
    (this.#ghosts.has(item.hash, remembered) ? this.#main : this.#small).push(item);
  }

  /** It was found. */
  use(item: T): void {
    if (item.uses < MOST_USES) item.uses++;
  }

  remove(item: T): void {
    item.place?.remove(item);
  }

  /** Takes out the one that is needed least; undefined where there is none. */
  evict(): T | undefined {
    for (;;) {
      if (this.#main.size > 0 && this.#small.bytes <= SMALL_SHARE * this.bytes) {
        const item = this.#main.shift() as T;
        if (item.uses === 0) return item;
        item.uses--;
        this.#main.push(item);
        continue;
      }
      const item = this.#small.shift() as T | undefined;
      if (item === undefined) return undefined;
      if (item.uses <= 1) {
        this.#ghosts.add(item.hash);
        return item;
      }
      item.uses = 0;
      this.#main.push(item);
    }
  }
}

/** A queue that things can leave from the middle. */
export class Fifo {
  size = 0;
  bytes = 0;
  #newest: Kept | undefined;
  #oldest: Kept | undefined;

  push(item: Kept): void {
    item.place = this;
    item.older = this.#newest;
    item.newer = undefined;
    if (this.#newest === undefined) this.#oldest = item;
    else this.#newest.newer = item;
    this.#newest = item;
    this.size++;
    this.bytes += item.bytes;
  }

  shift(): Kept | undefined {
    const item = this.#oldest;
    if (item !== undefined) this.remove(item);
    return item;
  }

  remove(item: Kept): void {
    if (item.newer === undefined) this.#newest = item.older;
    else item.newer.older = item.older;
    if (item.older === undefined) this.#oldest = item.newer;
    else item.older.newer = item.newer;
    item.place = undefined;
    item.newer = undefined;
    item.older = undefined;
    this.size--;
    this.bytes -= item.bytes;
  }
}
