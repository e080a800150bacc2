import type { Micros } from '../domain/clock.ts';

/** What a `DeadlineHeap` holds: ordered by deadline, then by `order` (who came first). `heapIndex` belongs to the heap; -1 outside it. */
export interface HeapItem {
  deadlineAtMicros: Micros;
  order: number;
  heapIndex: number;
}

/**
 * A binary heap, the earliest deadline first, whose items know where they lie: push, remove and pop take O(log n), and
 * arrivals in the order of their deadlines O(1). An item is in at most one heap at a time.
 */
export class DeadlineHeap<E extends HeapItem> {
  readonly #items: E[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** All items, in no useful order; valid until the next change. */
  get items(): readonly E[] {
    return this.#items;
  }

  peek(): E | undefined {
    return this.#items[0];
  }

  push(item: E): void {
    if (item.heapIndex !== -1) throw new RangeError(`item ${item.order} is in a heap already`);
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  pop(): E | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  remove(item: E): void {
    const at = item.heapIndex;
    if (this.#items[at] !== item) throw new RangeError(`item ${item.order} is not in this heap`);
    item.heapIndex = -1;
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#sink(last, at);
    if (last.heapIndex === at) this.#rise(last, at);
  }

  /** To be called after the deadline or order of an item has changed. */
  update(item: E): void {
    const at = item.heapIndex;
    this.#sink(item, at);
    if (item.heapIndex === at) this.#rise(item, at);
  }

  #rise(item: E, from: number): void {
    const items = this.#items;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || !isBefore(item, parent)) break;
      items[at] = parent;
      parent.heapIndex = at;
      at = above;
    }
    items[at] = item;
    item.heapIndex = at;
  }

  #sink(item: E, from: number): void {
    const items = this.#items;
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      let child = items[below];
      if (child === undefined) break;
      const right = items[below + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        below++;
      }
      if (!isBefore(child, item)) break;
      items[at] = child;
      child.heapIndex = at;
      at = below;
    }
    items[at] = item;
    item.heapIndex = at;
  }
}

export function isBefore(a: HeapItem, b: HeapItem): boolean {
  return a.deadlineAtMicros < b.deadlineAtMicros || (a.deadlineAtMicros === b.deadlineAtMicros && a.order < b.order);
}
