import type { Micros } from '../domain/clock.ts';

/** A call that is due at `atMicros`; `index` is its place in the heap, -1 when it is not in. */
export interface Wake {
  readonly atMicros: Micros;
  readonly run: () => void;
  readonly order: number;
  index: number;
}

/** Wakes by time, equal times in the order in which they were added: a binary heap whose entries know their place. */
export class WakeHeap {
  readonly #heap: Wake[] = [];
  #added = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** How many were ever added: the `order` of the next. */
  get added(): number {
    return this.#added;
  }

  /** When the earliest is due; Infinity when there is none. */
  next(): Micros {
    return this.#heap[0]?.atMicros ?? Number.POSITIVE_INFINITY;
  }

  add(atMicros: Micros, run: () => void): Wake {
    if (Number.isNaN(atMicros)) throw new RangeError('a wake needs a time');
    const wake: Wake = { atMicros, run, order: this.#added++, index: this.#heap.length };
    this.#heap.push(wake);
    this.#rise(wake);
    return wake;
  }

  /** Takes `wake` out; nothing happens where it is not in. */
  remove(wake: Wake): void {
    const { index } = wake;
    if (index < 0) return;
    wake.index = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === wake) return;
    this.#put(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes out the earliest, if it is due at `now` and was among the first `added` to be added. */
  takeDue(now: Micros, added = Number.POSITIVE_INFINITY): Wake | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.atMicros > now || first.order >= added) return undefined;
    this.remove(first);
    return first;
  }

  clear(): void {
    for (const wake of this.#heap) wake.index = -1;
    this.#heap.length = 0;
  }

  #put(wake: Wake, index: number): void {
    this.#heap[index] = wake;
    wake.index = index;
  }

  #rise(wake: Wake): void {
    while (wake.index > 0) {
      const at = wake.index;
      const above = (at - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || before(parent, wake)) return;
      this.#put(parent, at);
      this.#put(wake, above);
    }
  }

  #sink(wake: Wake): void {
    for (;;) {
      const at = wake.index;
      const left = this.#heap[2 * at + 1];
      const right = this.#heap[2 * at + 2];
      const child = left !== undefined && right !== undefined && before(right, left) ? right : left;
      if (child === undefined || before(wake, child)) return;
      const below = child.index;
      this.#put(child, at);
      this.#put(wake, below);
    }
  }
}

function before(a: Wake, b: Wake): boolean {
  return a.atMicros < b.atMicros || (a.atMicros === b.atMicros && a.order < b.order);
}
