/** Points of equal steps, oldest first; NaN where nothing is known of a step. */
export interface Points {
  readonly stepMs: number;
  /** When the first step began, in epoch milliseconds. */
  readonly fromMs: number;
  readonly columns: ReadonlyMap<string, Float32Array>;
}

interface Column {
  readonly values: Float32Array;
  /** What stands where a step says nothing of it: 0 of what is counted, NaN of what is measured. */
  readonly blank: number;
}

/** All that a ring holds, as it lies in memory: step `s` is entry `s % length` of each array. */
export interface RingContent {
  /** Number of the newest step; -1 before the first. */
  readonly newest: number;
  /** 1 where a step was put. */
  readonly known: Uint8Array;
  readonly columns: ReadonlyMap<string, Column>;
}

/** Names a step may bring that were not there before; more than a subject has. */
export const MOST_COLUMNS = 48;

/**
 * The last `length` steps of a subject, in columns of 4 bytes a point. A column is there from the first step that names it:
 * what never happens takes no room.
 */
export class Ring {
  readonly stepMs: number;
  readonly #length: number;
  readonly #columns: Map<string, Column>;
  readonly #known: Uint8Array;
  #newest: number;

  /** `content` of an earlier ring of the same shape: it is this one's from now on. */
  constructor({ stepMs, length }: { stepMs: number; length: number }, content?: RingContent) {
    this.stepMs = stepMs;
    this.#length = length;
    this.#columns = new Map(content?.columns);
    this.#known = content?.known ?? new Uint8Array(length);
    this.#newest = content?.newest ?? -1;
  }

  /** Its own memory, not a copy: only to be read, and before the next step. */
  get content(): RingContent {
    return { newest: this.#newest, known: this.#known, columns: this.#columns };
  }

  /** Step number `step` since the epoch; steps only rise. What lies between it and the last one is not known. */
  put(step: number, counted: ReadonlyMap<string, number>, measured: ReadonlyMap<string, number>): void {
    if (step <= this.#newest) throw new RangeError(`step ${step} after step ${this.#newest}`);
    for (let gap = Math.max(this.#newest + 1, step - this.#length + 1); gap <= step; gap++) this.#known[gap % this.#length] = gap === step ? 1 : 0;
    this.#newest = step;
    this.#open({ named: counted, beside: measured }, 0);
    this.#open({ named: measured, beside: counted }, Number.NaN);
    const at = step % this.#length;
    for (const [name, { values, blank }] of this.#columns) values[at] = counted.get(name) ?? measured.get(name) ?? blank;
  }

  /** What the newest step says holds for all up to `step`, too. */
  standUntil(step: number): void {
    if (this.#newest < 0 || step <= this.#newest) return;
    const from = this.#newest % this.#length;
    const standing = [...this.#columns.values()].map(({ values }) => ({ values, value: values[from] ?? 0 }));
    for (let one = Math.max(this.#newest + 1, step - this.#length + 1); one <= step; one++) {
      this.#known[one % this.#length] = 1;
      for (const { values, value } of standing) values[one % this.#length] = value;
    }
    this.#newest = step;
  }

  /** The sum over all steps of a column that is counted. */
  sum(name: string): number {
    const column = this.#columns.get(name);
    if (column === undefined) return 0;
    let sum = 0;
    for (let at = 0; at < this.#length; at++) if (this.#known[at] === 1) sum += column.values[at] ?? 0;
    return sum;
  }

  /** The last `steps` steps, fewer where not so many have been. */
  read(steps = this.#length): Points {
    const count = this.#newest < 0 ? 0 : Math.min(steps, this.#length, this.#age());
    const first = this.#newest - count + 1;
    const columns = new Map<string, Float32Array>();
    for (const [name, { values }] of this.#columns) {
      columns.set(name, Float32Array.from({ length: count }, (_, i) => {
        const at = (first + i) % this.#length;
        return this.#known[at] === 1 ? (values[at] ?? 0) : Number.NaN;
      }));
    }
    return { stepMs: this.stepMs, fromMs: first * this.stepMs, columns };
  }

  /** Steps since the oldest one that is known, with both. */
  #age(): number {
    for (let age = Math.min(this.#length, this.#newest + 1); age > 1; age--) if (this.#known[(this.#newest - age + 1) % this.#length] === 1) return age;
    return 1;
  }

  #open({ named, beside }: { named: ReadonlyMap<string, number>; beside: ReadonlyMap<string, number> }, blank: number): void {
    for (const name of named.keys()) {
      if (this.#columns.has(name) || (this.#columns.size >= MOST_COLUMNS && !this.#drop((other) => named.has(other) || beside.has(other)))) continue;
      this.#columns.set(name, { values: new Float32Array(this.#length).fill(blank), blank });
    }
  }

  /** Drops a column of which nothing is left, as that of an arm of long ago; false where there is none. */
  #drop(isNamed: (name: string) => boolean): boolean {
    for (const [name, { values, blank }] of this.#columns) {
      if (!isNamed(name) && values.every((value, at) => this.#known[at] === 0 || Object.is(value, blank))) return this.#columns.delete(name);
    }
    return false;
  }
}
