import type { Cells, Increment } from '../../selection-policies/policy.ts';
import { incremented, type CellsSnapshot, type KeyCellsView } from '../domain/cells.ts';

/** Keys that may be on their way from the store at a time; who is past it is asked for again. */
const MOST_LOADING = 4_096;
/** Keys that the store is asked for in one call. */
const MOST_TOGETHER = 256;
/** A key without cells, and a cell without its name, in a map of V8's (measured on Node 24, rounded up). */
const KEY_BYTES = 640;
const CELL_BYTES = 96;

/** The bound where nobody says one. */
export const KEY_TABLE_BYTES = 64 * 1024 * 1024;

class HeldKey implements CellsSnapshot {
  readonly app: string;
  readonly content: Map<string, bigint>;
  version = 1;
  bytes = 0;

  constructor(app: string, cells: Iterable<readonly [string, bigint]>) {
    this.app = app;
    this.content = new Map(cells);
    this.measure();
  }

  get cells(): Cells {
    return this.content;
  }

  measure(): void {
    this.bytes = KEY_BYTES;
    for (const name of this.content.keys()) this.bytes += CELL_BYTES + name.length;
  }
}

export interface KeyTableParts {
  readonly maxBytes: number;
  /** Reads these keys of an app and calls `put` for each, in the turn in which the store answers; rejects as the store does. */
  readonly load: (app: string, contexts: readonly Uint8Array[]) => Promise<void>;
}

/**
 * The cells of the context keys that were used last, of all apps, within a bound of bytes. One that is not held is read from
 * the store when it is asked for: what comes in one turn of the event loop in one call.
 */
export class KeyTable implements KeyCellsView {
  readonly #parts: KeyTableParts;
  /** The one used last at the end. */
  readonly #held = new Map<string, HeldKey>();
  readonly #loading = new Set<string>();
  #asked: { readonly app: string; readonly context: Uint8Array }[] = [];
  #bytes = 0;

  constructor(parts: KeyTableParts) {
    this.#parts = parts;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#held.size;
  }

  ofKey(app: string, context: Uint8Array): CellsSnapshot | undefined {
    const name = nameOf(app, context);
    const held = this.#held.get(name);
    if (held === undefined) {
      this.#ask(name, app, context);
      return undefined;
    }
    this.#held.delete(name);
    this.#held.set(name, held);
    return held;
  }

  held(app: string, most: number): readonly CellsSnapshot[] {
    const found: HeldKey[] = [];
    for (const key of this.#held.values()) {
      if (found.length >= most) break;
      if (key.app === app && key.content.size > 0) found.push(key);
    }
    return found;
  }

  /** Whether the key is held; asks for nothing. */
  peek(app: string, context: Uint8Array): Cells | undefined {
    return this.#held.get(nameOf(app, context))?.content;
  }

  /** The key's cells are these: it is held from now on. */
  put(app: string, context: Uint8Array, cells: Iterable<readonly [string, bigint]>): void {
    const name = nameOf(app, context);
    this.#loading.delete(name);
    const held = this.#held.get(name);
    if (held === undefined) {
      const key = new HeldKey(app, cells);
      this.#held.set(name, key);
      this.#bytes += key.bytes;
    } else {
      this.#change(held, () => {
        held.content.clear();
        for (const [cell, value] of cells) held.content.set(cell, value);
      });
    }
    this.#makeRoom();
  }

  /** Nothing, where the key is not held. */
  add(app: string, context: Uint8Array, increments: readonly Increment[]): void {
    const held = this.#held.get(nameOf(app, context));
    if (held === undefined || increments.length === 0) return;
    this.#change(held, () => {
      for (const increment of increments) held.content.set(increment.cell, incremented(held.content.get(increment.cell), increment));
    });
    this.#makeRoom();
  }

  remove(app: string, context: Uint8Array, cells: readonly string[] | 'all'): void {
    const held = this.#held.get(nameOf(app, context));
    if (held === undefined) return;
    this.#change(held, () => {
      if (cells === 'all') held.content.clear();
      else for (const cell of cells) held.content.delete(cell);
    });
  }

  /** Lets all keys of the app go; they are read again when they are asked for. */
  forget(app: string): void {
    for (const [name, key] of this.#held) if (key.app === app) this.#drop(name, key);
  }

  /** Lets go what is not of these apps. */
  keep(apps: ReadonlySet<string>): void {
    for (const [name, key] of this.#held) if (!apps.has(key.app)) this.#drop(name, key);
  }

  #ask(name: string, app: string, context: Uint8Array): void {
    if (this.#loading.has(name) || this.#loading.size >= MOST_LOADING) return;
    this.#loading.add(name);
    if (this.#asked.push({ app, context: Uint8Array.from(context) }) === 1) setImmediate(() => this.#loadAsked());
  }

  #loadAsked(): void {
    const byApp = new Map<string, Uint8Array[]>();
    for (const { app, context } of this.#asked) {
      const of = byApp.get(app);
      if (of === undefined) byApp.set(app, [context]);
      else of.push(context);
    }
    this.#asked = [];
    for (const [app, asked] of byApp) {
      for (let at = 0; at < asked.length; at += MOST_TOGETHER) {
        const contexts = asked.slice(at, at + MOST_TOGETHER);
        // Who could not be read is asked for again by the next query.
        void this.#parts.load(app, contexts).catch(() => undefined).finally(() => {
          for (const context of contexts) this.#loading.delete(nameOf(app, context));
        });
      }
    }
  }

  #change(key: HeldKey, change: () => void): void {
    const before = key.bytes;
    change();
    key.version++;
    key.measure();
    this.#bytes += key.bytes - before;
  }

  #makeRoom(): void {
    for (const [name, key] of this.#held) {
      if (this.#bytes <= this.#parts.maxBytes) return;
      this.#drop(name, key);
    }
  }

  #drop(name: string, key: HeldKey): void {
    this.#held.delete(name);
    this.#bytes -= key.bytes;
  }
}

function nameOf(app: string, context: Uint8Array): string {
  return `${app} ${Buffer.from(context.buffer, context.byteOffset, context.byteLength).toString('latin1')}`;
}
