import type { Cell, Meter } from '../domain/meter.ts';
import { isMetric, METRICS, type MetricName } from './table.ts';

/** Takes what finds no room; it counts updates, not amounts. */
const OVERFLOW: Cell = 0;
const SLOT_BITS = 17;
const SLOT_MASK = 2 ** SLOT_BITS - 1;
/** A cell stays a small integer: 17 bits say where, 13 how often that place was given anew. */
const MOST_GENERATIONS = 2 ** 13;

/**
 * One series: `values` is one number, or a histogram's sum and then the count of each bucket. It is the memory itself, so
 * that it stands as it does now only until the end of this turn, and is not to be written to; all of a meter lies in one
 * buffer. `labels` is the same object for as long as the series lives.
 */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: Readonly<Float64Array>;
}

interface Block extends Series {
  readonly slot: number;
  readonly slots: number;
}

/**
 * A meter in one Float64Array of bounded size. A counter or gauge takes one slot, a histogram one for its sum and one
 * for each bucket:
 *
 *     slot   0         1   2   3     4       5        …
 *            overflow  c   g   sum   ≤ b0    ≤ b1     …  > bn
 *
 * A cell that was forgotten stays harmless: its place is given anew under another generation, and what still comes for
 * the old one is dropped.
 */
export class CellMeter implements Meter {
  readonly #values: Float64Array;
  readonly #generations: Uint16Array;
  /** Where a histogram begins: its bounds. */
  readonly #bounds: (readonly number[] | undefined)[];
  /** Apart by metric: who reads one does not pass by the series of all others. */
  readonly #blocks = new Map<MetricName, Map<string, Block>>();
  readonly #cells = new Map<string, Cell>();
  /** Free places by how many slots they have. */
  readonly #free = new Map<number, number[]>();
  #end = 1;
  #shape = 0;

  /** `slots` bounds the memory, 8 bytes each: a model version takes about 130 of them, an app about 50. */
  constructor(options: { slots?: number } = {}) {
    const slots = options.slots ?? 2 ** SLOT_BITS;
    if (!(slots > 0 && slots <= 2 ** SLOT_BITS)) throw new RangeError(`slots must be 1 to ${2 ** SLOT_BITS}, not ${slots}`);
    this.#values = new Float64Array(slots);
    this.#generations = new Uint16Array(slots);
    this.#bounds = new Array<readonly number[] | undefined>(slots).fill(undefined);
    // Without labels there is one series, and mostly it is there from the start, at 0.
    for (const name of Object.keys(METRICS).filter(isMetric)) {
      this.#blocks.set(name, new Map());
      const { labels, onceSet } = METRICS[name];
      if (labels.length === 0 && onceSet !== true) this.cell(name);
    }
  }

  /** Throws `RangeError` for a metric, or labels, that the table does not have: only a bug names those. */
  cell(metric: string, labels: Readonly<Record<string, string>> = {}): Cell {
    if (!isMetric(metric)) throw new RangeError(`no metric "${metric}" in the table`);
    const key = keyOf(metric, labels);
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const bounds = METRICS[metric].bounds;
    const slots = bounds === undefined ? 1 : bounds.length + 2;
    const slot = this.#take(slots);
    if (slot === undefined) return OVERFLOW;
    const cell = slot | ((this.#generations[slot] ?? 0) << SLOT_BITS);
    this.#bounds[slot] = bounds;
    this.#blocks.get(metric)?.set(key, { labels: Object.freeze({ ...labels }), slot, slots, values: this.#values.subarray(slot, slot + slots) });
    this.#cells.set(key, cell);
    this.#shape++;
    return cell;
  }

  add(cell: Cell, by: number): void {
    const slot = this.#slot(cell);
    if (slot >= 0) this.#values[slot] = (this.#values[slot] ?? 0) + by;
  }

  set(cell: Cell, value: number): void {
    const slot = this.#slot(cell);
    if (slot >= 0) this.#values[slot] = value;
  }

  observe(cell: Cell, value: number): void {
    const slot = this.#slot(cell);
    if (slot < 0) return;
    const bounds = this.#bounds[slot];
    if (bounds === undefined) throw new RangeError(`cell ${cell} is not a histogram's`);
    this.#values[slot] = (this.#values[slot] ?? 0) + value;
    const bucket = slot + 1 + firstAtLeast(bounds, value);
    this.#values[bucket] = (this.#values[bucket] ?? 0) + 1;
  }

  forget(labels: Readonly<Record<string, string>>): void {
    const wanted = Object.entries(labels);
    if (wanted.length === 0) return;
    for (const [metric, blocks] of this.#blocks) {
      if (!wanted.every(([label]) => METRICS[metric].labels.includes(label))) continue;
      for (const [key, block] of blocks) {
        if (!wanted.every(([label, value]) => block.labels[label] === value)) continue;
        blocks.delete(key);
        this.#cells.delete(key);
        this.#shape++;
        this.#giveBack(block);
      }
    }
  }

  /** The series of a metric, one after another. Turns may pass between them: what is forgotten meanwhile does not come any more. */
  series(metric: MetricName): Iterable<Series> {
    return this.#blocks.get(metric)?.values() ?? [];
  }

  /** The series of a metric as they stand now; the numbers are copies. */
  read(metric: MetricName): readonly Series[] {
    return Array.from(this.series(metric), ({ labels, values }) => ({ labels, values: values.slice() }));
  }

  /** Another number whenever a series has come or gone. */
  get shape(): number {
    return this.#shape;
  }

  /** Updates that found no room. */
  get drops(): number {
    return this.#values[OVERFLOW] ?? 0;
  }

  /** Where a cell lies; -1 where there is nothing to write, because it was forgotten or never had room. */
  #slot(cell: Cell): number {
    const slot = cell & SLOT_MASK;
    if (slot === OVERFLOW) {
      this.#values[OVERFLOW] = (this.#values[OVERFLOW] ?? 0) + 1;
      return -1;
    }
    return this.#generations[slot] === cell >>> SLOT_BITS ? slot : -1;
  }

  #take(slots: number): number | undefined {
    const again = this.#free.get(slots)?.pop();
    if (again !== undefined) return again;
    if (this.#end + slots > this.#values.length) return undefined;
    const slot = this.#end;
    this.#end += slots;
    return slot;
  }

  #giveBack(block: Block): void {
    this.#values.fill(0, block.slot, block.slot + block.slots);
    const generation = (this.#generations[block.slot] ?? 0) + 1;
    this.#generations[block.slot] = generation;
    // A place whose generations are used up is left alone: no old cell may ever fit it again.
    if (generation === MOST_GENERATIONS) return;
    const free = this.#free.get(block.slots);
    if (free === undefined) this.#free.set(block.slots, [block.slot]);
    else free.push(block.slot);
  }
}

function keyOf(metric: MetricName, labels: Readonly<Record<string, string>>): string {
  const { labels: names } = METRICS[metric];
  let key: string = metric;
  for (const name of names) {
    const value = labels[name];
    if (value === undefined) throw new RangeError(`${metric} needs the label "${name}"`);
    key += `\0${value}`;
  }
  if (Object.keys(labels).length !== names.length) throw new RangeError(`${metric} has the labels [${names.join(', ')}], not [${Object.keys(labels).join(', ')}]`);
  return key;
}

/** Index of the first bound that is at least `value`; `bounds.length` where none is. */
function firstAtLeast(bounds: readonly number[], value: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
