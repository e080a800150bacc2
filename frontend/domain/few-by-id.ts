/**
 * Values by number, in the order in which they were put in, for what is under way: few at a time, and always others. A `Map`
 * that empties and fills makes a new table each time, and V8 lets each old table point to the next: once one of them is old,
 * a scavenge keeps all that came after it, whole queries with what hangs on them, until the next full collection.
 */
export class FewById<Value> {
  readonly #ids: number[] = [];
  readonly #values: Value[] = [];

  get size(): number {
    return this.#ids.length;
  }

  has(id: number): boolean {
    return this.#ids.includes(id);
  }

  get(id: number): Value | undefined {
    const at = this.#ids.indexOf(id);
    return at < 0 ? undefined : this.#values[at];
  }

  /** Puts it in, or in the place of what has this number. */
  set(id: number, value: Value): void {
    const at = this.#ids.indexOf(id);
    if (at >= 0) {
      this.#values[at] = value;
      return;
    }
    this.#ids.push(id);
    this.#values.push(value);
  }

  /** False where there is none with this number. */
  delete(id: number): boolean {
    const at = this.#ids.indexOf(id);
    if (at < 0) return false;
    const ids = this.#ids;
    const values = this.#values;
    // By hand: for so few `splice` and a new `length` cost several times as much.
    for (let i = at + 1; i < ids.length; i++) {
      ids[i - 1] = ids[i] as number;
      values[i - 1] = values[i] as Value;
    }
    ids.pop();
    values.pop();
    return true;
  }

  /** Those in it now; what is put in or taken out meanwhile changes nothing here. */
  all(): readonly Value[] {
    return [...this.#values];
  }

  [Symbol.iterator](): IterableIterator<Value> {
    return this.#values.values();
  }

  clear(): void {
    this.#ids.length = 0;
    this.#values.length = 0;
  }
}
