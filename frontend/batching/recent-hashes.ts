import type { Micros } from '../domain/clock.ts';

/** Of what one row holds: the same for equal rows, and keyed, so that no caller can make two others meet. */
export type ContentHash = number | bigint;

/** A bounded set of content hashes, each of which lapses `ttlMicros` after it was added; past the bound the oldest goes. */
export class RecentHashes {
  readonly #maxSize: number;
  readonly #ttlMicros: Micros;
  /** In the order of addition, so in the order in which they lapse. */
  readonly #lapsesAt = new Map<ContentHash, Micros>();

  constructor(options: { maxSize: number; ttlMicros: Micros }) {
    this.#maxSize = options.maxSize;
    this.#ttlMicros = options.ttlMicros;
  }

  add(hash: ContentHash, now: Micros): void {
    this.#lapsesAt.delete(hash);
    this.#lapsesAt.set(hash, now + this.#ttlMicros);
    if (this.#lapsesAt.size > this.#maxSize) this.#dropOldest();
  }

  delete(hash: ContentHash): void {
    this.#lapsesAt.delete(hash);
  }

  has(hash: ContentHash, now: Micros): boolean {
    const lapsesAt = this.#lapsesAt.get(hash);
    return lapsesAt !== undefined && lapsesAt > now;
  }

  /** Whether none is left by `now`; forgets those that have lapsed. */
  isEmpty(now: Micros): boolean {
    if (this.#lapsesAt.size === 0) return true;
    for (const lapsesAt of this.#lapsesAt.values()) {
      if (lapsesAt > now) return false;
      this.#dropOldest();
    }
    return true;
  }

  #dropOldest(): void {
    for (const hash of this.#lapsesAt.keys()) {
      this.#lapsesAt.delete(hash);
      return;
    }
  }
}
