import type { Slab } from '../domain/query.ts';
import type { SlabPool, SlabSpan } from '../domain/slabs.ts';

const SLAB_BYTES = 256 * 1024;
const POISON = 0xa5;

/**
 * A pool of equal slabs, filled from the front by one allocation after another and used anew once all of them are
 * released; what is larger than a quarter of a slab gets a slab of its own, the next power of two large and pooled too: fresh
 * memory for every large request costs page faults, and makes the garbage collector run for its sake.
 * `maxFreeBytes` bounds what the pool itself keeps, of either kind, not what is in use: admission bounds that.
 */
export class SlabArena implements SlabPool {
  readonly #users: number[] = [];
  readonly #slabs: (Slab | undefined)[] = [];
  readonly #free: Slab[] = [];
  readonly #vacantIndexes: number[] = [];
  readonly #maxFree: number;
  /** Slabs of their own that nobody uses, by size. */
  readonly #large = new Map<number, Slab[]>();
  #largeBytes = 0;
  readonly #poison: boolean;
  #current: Slab;
  #end = 0;
  #lastOffset = 0;

  constructor(options: { maxFreeBytes?: number; poison?: boolean } = {}) {
    this.#maxFree = Math.ceil((options.maxFreeBytes ?? 64 * 1024 * 1024) / SLAB_BYTES);
    this.#poison = options.poison ?? false;
    this.#current = this.#create(SLAB_BYTES);
    this.#users[this.#current.index] = 1;
  }

  /** Slabs that somebody uses. The one being filled counts once something in it is used. For leak checks. */
  get usedSlabs(): number {
    return this.#used().length;
  }

  /** Memory that those slabs take: what cannot be used anew yet. */
  get usedBytes(): number {
    return this.#used().reduce((bytes, slab) => bytes + slab.bytes.length, 0);
  }

  allocate(bytes: number): SlabSpan {
    if (bytes > SLAB_BYTES / 4) {
      const own = this.#takeLarge(bytes);
      this.#users[own.index] = 1;
      return { slab: own, offset: 0 };
    }
    if (this.#end + bytes > SLAB_BYTES) this.#turn();
    const offset = this.#end;
    this.#lastOffset = offset;
    this.#end = (offset + bytes + 7) & ~7;
    this.#users[this.#current.index] = (this.#users[this.#current.index] ?? 0) + 1;
    return { slab: this.#current, offset };
  }

  trim(span: SlabSpan, bytes: number): void {
    if (span.slab === this.#current && span.offset === this.#lastOffset) this.#end = (span.offset + bytes + 7) & ~7;
  }

  retain(slab: Slab): void {
    const users = this.#users[slab.index] ?? 0;
    if (users <= 0 || this.#slabs[slab.index] !== slab) throw new RangeError(`slab ${slab.index} retained after it was freed`);
    this.#users[slab.index] = users + 1;
  }

  release(slab: Slab): void {
    const users = (this.#users[slab.index] ?? 0) - 1;
    if (users < 0 || this.#slabs[slab.index] !== slab) throw new RangeError(`slab ${slab.index} released more often than it was retained`);
    this.#users[slab.index] = users;
    if (users > 0) return;
    if (this.#poison) slab.bytes.fill(POISON);
    if (slab.bytes.length === SLAB_BYTES && this.#free.length < this.#maxFree) {
      this.#free.push(slab);
      return;
    }
    if (slab.bytes.length !== SLAB_BYTES && this.#keepLarge(slab)) return;
    this.#slabs[slab.index] = undefined;
    this.#vacantIndexes.push(slab.index);
  }

  #takeLarge(bytes: number): Slab {
    const power = 2 ** Math.ceil(Math.log2(bytes));
    // The size of the pool's own slabs is theirs alone: by it they are told apart.
    const size = power === SLAB_BYTES ? power * 1.5 : power;
    const kept = this.#large.get(size)?.pop();
    if (kept === undefined) return this.#create(size);
    this.#largeBytes -= size;
    return kept;
  }

  #keepLarge(slab: Slab): boolean {
    const size = slab.bytes.length;
    if (this.#largeBytes + size > this.#maxFree * SLAB_BYTES) return false;
    this.#largeBytes += size;
    const same = this.#large.get(size);
    if (same === undefined) this.#large.set(size, [slab]);
    else same.push(slab);
    return true;
  }

  #used(): Slab[] {
    return this.#slabs.filter((slab) => slab !== undefined).filter((slab) => (this.#users[slab.index] ?? 0) > (slab === this.#current ? 1 : 0));
  }

  /** The slab being filled holds one user, the arena itself, until it is full. */
  #turn(): void {
    const full = this.#current;
    const next = this.#free.pop() ?? this.#create(SLAB_BYTES);
    this.#users[next.index] = 1;
    this.#current = next;
    this.#end = 0;
    this.#lastOffset = 0;
    this.release(full);
  }

  #create(bytes: number): Slab {
    const index = this.#vacantIndexes.pop() ?? this.#slabs.length;
    // A Buffer has the fast copy and string methods; its memory is its own, never Node's shared pool.
    const slab: Slab = { index, bytes: Buffer.allocUnsafeSlow(bytes) };
    this.#slabs[index] = slab;
    this.#users[index] = 0;
    return slab;
  }
}
