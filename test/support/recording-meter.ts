import type { Cell, Meter } from '../../frontend/domain/meter.ts';

/** Keeps every cell by its name and labels, for tests to look at. */
export class RecordingMeter implements Meter {
  readonly #names: string[] = [];
  readonly #values: number[] = [];

  cell(metric: string, labels: Readonly<Record<string, string>> = {}): Cell {
    const name = nameOf(metric, labels);
    const known = this.#names.indexOf(name);
    if (known >= 0) return known;
    this.#values.push(0);
    return this.#names.push(name) - 1;
  }

  add(cell: Cell, by: number): void {
    this.#values[cell] = (this.#values[cell] ?? 0) + by;
  }

  set(cell: Cell, value: number): void {
    this.#values[cell] = value;
  }

  /** A histogram counts its observations. */
  observe(cell: Cell): void {
    this.add(cell, 1);
  }

  forget(): void {}

  /** The value, or the count of observations. */
  value(metric: string, labels: Readonly<Record<string, string>> = {}): number {
    const at = this.#names.indexOf(nameOf(metric, labels));
    return at < 0 ? 0 : this.#values[at] ?? 0;
  }
}

function nameOf(metric: string, labels: Readonly<Record<string, string>>): string {
  return `${metric} ${Object.entries(labels).map((pair) => pair.join('=')).toSorted((a, b) => (a < b ? -1 : 1)).join(' ')}`;
}
