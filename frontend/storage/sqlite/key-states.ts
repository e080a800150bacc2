import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Increment } from '../../../selection-policies/policy.ts';
import { incremented, isCell } from '../../domain/cells.ts';
import { decodeKeyState, encodeKeyState } from './key-state.ts';

/** Cells of one key: more than any policy reads. */
const MOST_CELLS = 4_096;

/** A key that the open transaction has read or changed. */
interface OpenKey {
  readonly app: number;
  readonly context: Uint8Array;
  cells: Map<string, bigint>;
  /** It has a row. */
  stored: boolean;
  dirty: boolean;
  touched: number;
}

/** What is to be done, once it is known that nothing is full: returns how many keys there are more. */
export type KeyChange = () => 0 | 1;

/** The cells of context keys in the feedback file. What the open transaction changes is written when it ends. */
export class KeyStates {
  readonly #open = new Map<string, OpenKey>();
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #drop: StatementSync;
  readonly #dropAll: StatementSync;
  readonly #coldest: StatementSync;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT state, touched FROM key_state WHERE app = ? AND context = ?');
    this.#put = database.prepare('INSERT OR REPLACE INTO key_state VALUES (?, ?, ?, ?)');
    this.#drop = database.prepare('DELETE FROM key_state WHERE app = ? AND context = ?');
    this.#dropAll = database.prepare('DELETE FROM key_state WHERE app = ?');
    this.#coldest = database.prepare('SELECT context FROM key_state WHERE app = ? ORDER BY touched LIMIT ?');
  }

  read(app: number, context: Uint8Array): ReadonlyMap<string, bigint> {
    return this.#of(app, context).cells;
  }

  /** All increments, or none and what is full. */
  change(app: number, { context, increments }: { context: Uint8Array; increments: readonly Increment[] }, minute: number): KeyChange | 'cells' | 'cell' {
    const key = this.#of(app, context);
    const changes = new Map<string, bigint>();
    for (const increment of increments) {
      const value = incremented(changes.get(increment.cell) ?? key.cells.get(increment.cell), increment);
      if (!isCell(value)) return 'cell';
      changes.set(increment.cell, value);
    }
    const fresh = [...changes.keys()].filter((cell) => !key.cells.has(cell)).length;
    if (key.cells.size + fresh > MOST_CELLS) return 'cells';
    return () => {
      for (const [cell, value] of changes) key.cells.set(cell, value);
      key.dirty = true;
      key.touched = Math.max(key.touched, minute);
      const more = key.stored ? 0 : 1;
      key.stored = true;
      return more;
    };
  }

  /** Returns how many keys there are less. */
  remove(app: number, context: Uint8Array, cells: readonly string[] | 'all'): 0 | 1 {
    const key = this.#of(app, context);
    if (cells === 'all') {
      this.#open.delete(nameOf(app, context));
      this.#drop.run(app, context);
      return key.stored ? 1 : 0;
    }
    for (const cell of cells) key.dirty = key.cells.delete(cell) || key.dirty;
    return 0;
  }

  removeAll(app: number): void {
    for (const [name, key] of this.#open) if (key.app === app) this.#open.delete(name);
    this.#dropAll.run(app);
  }

  /** Drops at most `most` keys, those whose last reward is the longest ago. */
  dropColdest(app: number, most: number): readonly Uint8Array[] {
    this.write();
    const contexts = this.#coldest.all(app, most).map((row) => row['context'] as Uint8Array);
    for (const context of contexts) this.#drop.run(app, context);
    return contexts;
  }

  /** Writes what has changed, and forgets what was read. */
  write(): void {
    for (const { app, context, cells, dirty, touched } of this.#open.values()) if (dirty) this.#put.run(app, context, touched, encodeKeyState(cells));
    this.#open.clear();
  }

  /** The transaction is undone. */
  forget(): void {
    this.#open.clear();
  }

  #of(app: number, context: Uint8Array): OpenKey {
    const name = nameOf(app, context);
    let key = this.#open.get(name);
    if (key === undefined) {
      const row = this.#find.get(app, context);
      key = {
        app, context: Uint8Array.from(context), stored: row !== undefined, dirty: false, touched: Number(row?.['touched'] ?? 0),
        cells: row === undefined ? new Map() : decodeKeyState(row['state'] as Uint8Array),
      };
      this.#open.set(name, key);
    }
    return key;
  }
}

function nameOf(app: number, context: Uint8Array): string {
  return `${app} ${Buffer.from(context.buffer, context.byteOffset, context.byteLength).toString('latin1')}`;
}
