import type { Cells, Increment } from '../../selection-policies/policy.ts';
import { incremented, type CellsSnapshot, type CellsView } from '../domain/cells.ts';

const NO_CELLS: CellsSnapshot = Object.freeze({ cells: new Map<string, bigint>(), version: 0 });

class AppCells implements CellsSnapshot {
  readonly content = new Map<string, bigint>();
  version = 0;

  get cells(): Cells {
    return this.content;
  }
}

/** The cells of every app in memory, as the store has told them. */
export class CellTable implements CellsView {
  readonly #apps = new Map<string, AppCells>();

  snapshot(app: string): CellsSnapshot {
    return this.#apps.get(app) ?? NO_CELLS;
  }

  add(app: string, increments: readonly Increment[]): void {
    if (increments.length === 0) return;
    const of = this.#of(app);
    for (const increment of increments) of.content.set(increment.cell, incremented(of.content.get(increment.cell), increment));
    of.version++;
  }

  /** These cells have become this. */
  set(app: string, cells: Iterable<readonly [string, bigint]>): void {
    const of = this.#of(app);
    for (const [cell, value] of cells) of.content.set(cell, value);
    of.version++;
  }

  /** All cells of the app are these. */
  replace(app: string, cells: Iterable<readonly [string, bigint]>): void {
    this.#of(app).content.clear();
    this.set(app, cells);
  }

  remove(app: string, cells: readonly string[] | 'all'): void {
    const of = this.#of(app);
    if (cells === 'all') of.content.clear();
    else for (const cell of cells) of.content.delete(cell);
    of.version++;
  }

  /** Forgets every app but these. */
  keep(apps: ReadonlySet<string>): void {
    for (const app of this.#apps.keys()) if (!apps.has(app)) this.#apps.delete(app);
  }

  #of(app: string): AppCells {
    let of = this.#apps.get(app);
    if (of === undefined) {
      of = new AppCells();
      this.#apps.set(app, of);
    }
    return of;
  }
}
