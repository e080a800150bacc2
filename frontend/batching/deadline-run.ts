import type { Micros } from '../domain/clock.ts';

/** What lies in a run: `count` rows with one deadline. */
export interface RunItem {
  readonly deadlineAtMicros: Micros;
  readonly order: number;
  count: number;
}

const FIRST_CAPACITY = 16;
/** Past here positions begin anew near 0, so that they stay small integers. */
const LARGEST_POSITION = 2 ** 29;

/**
 * Items in order of their deadlines, in a ring: what comes in order is appended, what does not is inserted from the nearer
 * end. Beside each item lies the number of rows before it, so that "how many rows have a deadline of t or later" is one
 * binary search.
 *
 *     head                                    tail        positions only rise; a position's place is its low bits
 *      │ 10.1 ms · 10.4 ms · 12.0 ms · 12.0 ms │
 *      │ 0         1         4         5       │ 6        rows before it
 */
export class DeadlineRun<E extends RunItem> {
  /** Whose rows these are: the queue's mark. */
  tier = 0;
  #items: (E | undefined)[] = new Array<E | undefined>(FIRST_CAPACITY).fill(undefined);
  #deadlines = new Float64Array(FIRST_CAPACITY);
  #before = new Float64Array(FIRST_CAPACITY);
  #mask = FIRST_CAPACITY - 1;
  #head = 0;
  #tail = 0;
  #endRows = 0;

  get size(): number {
    return this.#tail - this.#head;
  }
  /** Positions of its items: from `head` up to `tail`. */
  get head(): number {
    return this.#head;
  }
  get tail(): number {
    return this.#tail;
  }
  get rows(): number {
    return this.#head === this.#tail ? 0 : this.#endRows - (this.#before[this.#head & this.#mask] ?? 0);
  }
  /** Infinity if it is empty. */
  get firstDeadlineAtMicros(): Micros {
    return this.deadlineAt(this.#head);
  }
  /** -Infinity if it is empty. */
  get lastDeadlineAtMicros(): Micros {
    return this.#head === this.#tail ? -Infinity : this.#deadlines[(this.#tail - 1) & this.#mask] ?? -Infinity;
  }

  at(position: number): E | undefined {
    return position < this.#tail ? this.#items[position & this.#mask] : undefined;
  }

  /** Infinity past the end. */
  deadlineAt(position: number): Micros {
    return position < this.#tail ? this.#deadlines[position & this.#mask] ?? Infinity : Infinity;
  }

  /** The first position with a deadline of `at` or later; `tail` if there is none. */
  firstFrom(at: Micros): number {
    let low = this.#head, high = this.#tail;
    if (low === high || (this.#deadlines[low & this.#mask] ?? 0) >= at) return low;
    while (low < high) {
      const middle = low + ((high - low) >> 1);
      if ((this.#deadlines[middle & this.#mask] ?? 0) >= at) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Rows with a deadline of `at` or later. */
  rowsFrom(at: Micros): number {
    const position = this.firstFrom(at);
    return position === this.#tail ? 0 : this.#endRows - (this.#before[position & this.#mask] ?? 0);
  }

  /** Puts it behind everything whose deadline is not later. */
  insert(item: E): void {
    if (this.size === this.#items.length) this.#grow();
    if (this.#tail > LARGEST_POSITION) this.#rebase();
    const deadline = item.deadlineAtMicros;
    let at = this.#tail;
    if (deadline < this.lastDeadlineAtMicros) at = this.#firstAfter(deadline);
    if (at - this.#head < this.#tail - at) this.#openFromHead(at, item);
    else this.#openFromTail(at, item);
  }

  /** Takes the item out; false if it is not here. */
  remove(item: E): boolean {
    let at = this.firstFrom(item.deadlineAtMicros);
    while (this.#items[at & this.#mask] !== item) if (this.deadlineAt(++at) !== item.deadlineAtMicros) return false;
    if (at - this.#head < this.#tail - at) this.removeSpan(at, at + 1);
    else this.#closeFromTail(at, item.count);
    return true;
  }

  /** Takes what lies at positions `from` to `to` (not included) out; what lies before moves up. */
  removeSpan(from: number, to: number): void {
    const mask = this.#mask;
    let write = to;
    for (let read = from - 1; read >= this.#head; read--) {
      write--;
      this.#items[write & mask] = this.#items[read & mask];
      this.#deadlines[write & mask] = this.#deadlines[read & mask] ?? 0;
    }
    for (let position = this.#head; position < write; position++) this.#items[position & mask] = undefined;
    this.#head = write;
    if (write < to) this.#recount(to - 1);
  }

  /** To be called when the item at `position` has lost front rows. */
  shrunk(position: number): void {
    this.#recount(position);
  }

  /** Counts anew what lies before each item up to `position`. */
  #recount(position: number): void {
    let rows = position + 1 < this.#tail ? this.#before[(position + 1) & this.#mask] ?? 0 : this.#endRows;
    for (let at = position; at >= this.#head; at--) {
      rows -= this.#items[at & this.#mask]?.count ?? 0;
      this.#before[at & this.#mask] = rows;
    }
  }

  #firstAfter(deadline: Micros): number {
    let low = this.#head, high = this.#tail;
    while (low < high) {
      const middle = low + ((high - low) >> 1);
      if ((this.#deadlines[middle & this.#mask] ?? 0) > deadline) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #openFromHead(at: number, item: E): void {
    const mask = this.#mask;
    for (let read = this.#head; read < at; read++) {
      const write = (read - 1) & mask;
      this.#items[write] = this.#items[read & mask];
      this.#deadlines[write] = this.#deadlines[read & mask] ?? 0;
    }
    this.#head--;
    this.#items[(at - 1) & mask] = item;
    this.#deadlines[(at - 1) & mask] = item.deadlineAtMicros;
    this.#recount(at - 1);
  }

  #openFromTail(at: number, item: E): void {
    const mask = this.#mask;
    const before = at < this.#tail ? this.#before[at & mask] ?? 0 : this.#endRows;
    for (let read = this.#tail - 1; read >= at; read--) {
      const write = (read + 1) & mask;
      this.#items[write] = this.#items[read & mask];
      this.#deadlines[write] = this.#deadlines[read & mask] ?? 0;
      this.#before[write] = (this.#before[read & mask] ?? 0) + item.count;
    }
    this.#tail++;
    this.#endRows += item.count;
    this.#items[at & mask] = item;
    this.#deadlines[at & mask] = item.deadlineAtMicros;
    this.#before[at & mask] = before;
  }

  #closeFromTail(at: number, rows: number): void {
    const mask = this.#mask;
    for (let read = at + 1; read < this.#tail; read++) {
      const write = (read - 1) & mask;
      this.#items[write] = this.#items[read & mask];
      this.#deadlines[write] = this.#deadlines[read & mask] ?? 0;
      this.#before[write] = (this.#before[read & mask] ?? 0) - rows;
    }
    this.#tail--;
    this.#endRows -= rows;
    this.#items[this.#tail & mask] = undefined;
  }

  #rebase(): void {
    const size = this.size;
    this.#head &= this.#mask;
    this.#tail = this.#head + size;
  }

  #grow(): void {
    const size = this.size;
    const items = new Array<E | undefined>(2 * size).fill(undefined);
    const deadlines = new Float64Array(2 * size);
    const before = new Float64Array(2 * size);
    for (let i = 0; i < size; i++) {
      const at = (this.#head + i) & this.#mask;
      items[i] = this.#items[at];
      deadlines[i] = this.#deadlines[at] ?? 0;
      before[i] = this.#before[at] ?? 0;
    }
    this.#items = items;
    this.#deadlines = deadlines;
    this.#before = before;
    this.#mask = 2 * size - 1;
    this.#head = 0;
    this.#tail = size;
  }
}
