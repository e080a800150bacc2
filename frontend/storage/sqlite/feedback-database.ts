import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Increment } from '../../../selection-policies/policy.ts';
import { incremented, isCell } from '../../domain/cells.ts';
import { StoreFault, type AppRevision, type ClaimCommit, type CommitOutcome, type DecisionPage, type StoredApp, type StoredDecision } from '../../domain/feedback.ts';
import type { DecisionKey } from '../../domain/decision.ts';
import { claimKey, firstMinuteKept, minuteOf, placeOf, readPlace } from '../claim-key.ts';
import { makeFeedbackTables } from './feedback-schema.ts';
import { copyDatabase } from './copy.ts';
import { openSqliteFile } from './file.ts';
import { KeyStates } from './key-states.ts';

export const FEEDBACK_FILE = 'feedback.sqlite';
/** Rows that one call looks at or removes at most. */
const PAGE_ROWS = 4_096;
const MOST_REVISIONS = 4_096;

/** An app as it is stored: its number, its counts and its bounds. Counts are written back with the group. */
interface KeptApp {
  readonly number: number;
  bounds: StoredApp;
  claims: number;
  cells: number;
  keys: number;
  journalBytes: number;
  /** Claims of earlier minutes may have been dropped. */
  firstMinute: number;
  /** How often all that it had learned was removed. */
  generation: number;
  dirty: boolean;
}

interface TouchedCell {
  value: bigint | undefined;
  dirty: boolean;
}
type ClaimPlace = readonly [app: number, minute: number, id: Uint8Array];

/**
 * Claims, cells and decisions in one SQLite file, used by one thread. Everything between `begin` and `commit` is one
 * transaction; a `rollback` leaves nothing of it, in the file or here. What is thrown is SQLite's own.
 */
export class FeedbackDatabase {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #inode: number;
  readonly #apps = new Map<string, KeptApp>();
  /** Apps that the open transaction has added. */
  readonly #unsure = new Set<string>();
  /** Cells that the open transaction has touched, by app and name. */
  readonly #touched = new Map<KeptApp, Map<string, TouchedCell>>();
  readonly #sql: ReturnType<typeof statements>;
  readonly #keys: KeyStates;

  /** As `openSqliteFile`. */
  constructor(folder: string) {
    this.#file = join(folder, FEEDBACK_FILE);
    this.#database = openSqliteFile(folder, FEEDBACK_FILE, makeFeedbackTables);
    this.#inode = statSync(this.#file).ino;
    this.#sql = statements(this.#database);
    this.#keys = new KeyStates(this.#database);
  }

  begin(): void {
    // SQLite would go on writing into a file that nobody can find any more.
    if (statSync(this.#file, { throwIfNoEntry: false })?.ino !== this.#inode) throw new StoreFault('gone', `${this.#file} was taken away`);
    this.#database.exec('BEGIN IMMEDIATE');
  }

  /** On the disk once it returns. */
  commit(): void {
    for (const app of this.#touched.keys()) this.#writeTouched(app);
    this.#keys.write();
    for (const app of this.#apps.values()) this.#writeCounts(app);
    this.#database.exec('COMMIT');
    this.#unsure.clear();
  }

  rollback(): void {
    this.#touched.clear();
    this.#keys.forget();
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    for (const name of this.#unsure) this.#apps.delete(name);
    this.#unsure.clear();
    for (const app of this.#apps.values()) Object.assign(app, this.#counts(app.number), { dirty: false });
  }

  /** Cells of those apps that were not served before. */
  serve(apps: readonly StoredApp[]): readonly (readonly [app: string, cells: readonly (readonly [string, bigint])[]])[] {
    const fresh: (readonly [string, (readonly [string, bigint])[]])[] = [];
    for (const bounds of apps) {
      const known = this.#apps.get(bounds.name);
      if (known !== undefined) {
        known.bounds = bounds;
        continue;
      }
      this.#sql.addApp.run(bounds.name);
      const number = Number(this.#sql.findApp.get(bounds.name)?.['number']);
      this.#apps.set(bounds.name, { number, bounds, ...this.#counts(number), dirty: false });
      this.#unsure.add(bounds.name);
      fresh.push([bounds.name, this.#sql.allCells.all(number).map((row): readonly [string, bigint] => [String(row['name']), row['value'] as bigint])]);
    }
    const served = new Set(apps.map(({ name }) => name));
    for (const [name, app] of this.#apps) if (!served.has(name)) this.#letGo(name, app);
    return fresh;
  }

  /** Of an app that is not in the map any more nothing would be written when the transaction ends. */
  #letGo(name: string, app: KeptApp): void {
    this.#writeTouched(app);
    this.#writeCounts(app);
    this.#apps.delete(name);
  }

  claim(name: string, commit: ClaimCommit): CommitOutcome {
    const app = this.#app(name);
    if (commit.generation !== app.generation) return { kind: 'outdated', generation: app.generation };
    const id = claimKey(commit.key, commit.row);
    const minute = minuteOf(commit.key);
    if (commit.expected > 0) return this.#raise(app, commit, [app.number, minute, id]);
    if (minute < app.firstMinute) return this.#found([app.number, minute, id]) ?? { kind: 'forgotten' };
    if (app.claims >= app.bounds.maxClaims) return this.#found([app.number, minute, id]) ?? { kind: 'full', what: 'claims' };
    if (this.#sql.addClaim.run(app.number, minute, id, commit.state).changes === 0) return this.#found([app.number, minute, id]) ?? { kind: 'full', what: 'claims' };
    const full = this.#addAll(app, commit);
    if (full !== undefined) {
      this.#sql.dropClaim.run(app.number, minute, id);
      return { kind: 'full', what: full };
    }
    app.claims++;
    app.dirty = true;
    return { kind: 'applied' };
  }

  /** A claim that is there becomes the next version of itself. */
  #raise(app: KeptApp, commit: ClaimCommit, at: ClaimPlace): CommitOutcome {
    const found = this.#found(at) ?? { kind: 'conflict', claim: { version: 0, state: new Uint8Array() } };
    if (found.claim.version !== commit.expected) return found;
    const full = this.#addAll(app, commit);
    if (full !== undefined) return { kind: 'full', what: full };
    this.#sql.putClaim.run(commit.expected + 1, commit.state, ...at);
    return { kind: 'applied' };
  }

  #found(at: ClaimPlace): Extract<CommitOutcome, { kind: 'conflict' }> | undefined {
    const row = this.#sql.findClaim.get(...at);
    return row === undefined ? undefined : { kind: 'conflict', claim: { version: Number(row['version']), state: row['state'] as Uint8Array } };
  }

  removeCells(name: string, cells: readonly string[] | 'all'): void {
    const app = this.#app(name);
    // What the transaction has added so far is removed too.
    this.#writeTouched(app);
    if (cells === 'all') {
      this.#sql.dropCells.run(app.number);
      this.#keys.removeAll(app.number);
      app.keys = 0;
      app.generation++;
    } else for (const cell of cells) this.#sql.dropCell.run(app.number, cell);
    app.cells = Number(this.#sql.countCells.get(app.number)?.['cells']);
    app.dirty = true;
  }

  /** In their order; empty where nothing was learned. */
  readKeys(name: string, contexts: readonly Uint8Array[]): (readonly (readonly [string, bigint])[])[] {
    const { number } = this.#app(name);
    return contexts.map((context) => [...this.#keys.read(number, context)]);
  }

  removeKey(name: string, context: Uint8Array, cells: readonly string[] | 'all'): void {
    const app = this.#app(name);
    app.keys -= this.#keys.remove(app.number, context, cells);
    app.dirty = true;
  }

  append(name: string, decisions: readonly StoredDecision[]): void {
    const app = this.#app(name);
    for (const decision of decisions) {
      this.#sql.putDecision.run(app.number, placeOf(decision), decision.record);
      app.journalBytes += decision.record.length;
    }
    app.dirty = true;
  }

  decisions(name: string, keys: readonly DecisionKey[]): (Uint8Array | undefined)[] {
    const { number } = this.#app(name);
    return keys.map((key) => this.#sql.findDecision.get(number, placeOf(key))?.['record'] as Uint8Array | undefined);
  }

  due(name: string, beforeEpochMs: number): DecisionPage {
    const { number } = this.#app(name);
    const from = this.#sql.swept.get(number)?.['swept'] as Uint8Array;
    const before = placeOf({ id: new Uint8Array(12), atEpochMs: beforeEpochMs });
    const rows = this.#sql.due.all(number, from, before, PAGE_ROWS);
    const decisions = rows.map((row) => ({ ...readPlace(row['place'] as Uint8Array), record: row['record'] as Uint8Array }));
    const last = (rows.at(-1)?.['place'] as Uint8Array | undefined) ?? from;
    return { decisions, cursor: Buffer.from(last).toString('hex') };
  }

  swept(name: string, cursor: string): void {
    this.#sql.putSwept.run(Buffer.from(cursor, 'hex'), this.#app(name).number);
  }

  /** Whether there may be more to drop, and the context keys that were dropped. */
  trim(name: string, nowEpochMs: number): { readonly more: boolean; readonly keys: readonly Uint8Array[] } {
    const app = this.#app(name);
    const first = firstMinuteKept(nowEpochMs, app.bounds.windowMs);
    const claims = Number(this.#sql.dropClaims.run(app.number, first, PAGE_ROWS).changes);
    app.claims -= claims;
    if (claims > 0) app.firstMinute = Math.max(app.firstMinute, first);
    const old = placeOf({ id: new Uint8Array(12), atEpochMs: Math.max(0, nowEpochMs - app.bounds.journalMaxAgeMs) });
    let dropped = 0;
    for (const row of this.#sql.oldest.all(app.number, PAGE_ROWS)) {
      const place = row['place'] as Uint8Array;
      if (Buffer.compare(place, old) >= 0 && app.journalBytes <= app.bounds.journalMaxBytes) break;
      this.#sql.dropDecision.run(app.number, place);
      app.journalBytes -= Number(row['bytes']);
      dropped++;
    }
    const surplus = Math.min(PAGE_ROWS, app.keys - app.bounds.maxKeys);
    const keys = surplus > 0 ? this.#keys.dropColdest(app.number, surplus) : [];
    app.keys -= keys.length;
    app.dirty ||= claims + dropped + keys.length > 0;
    return { more: [claims, dropped, keys.length].includes(PAGE_ROWS), keys };
  }

  saveRevisions(revisions: readonly AppRevision[]): void {
    for (const { fingerprint, app, arms } of revisions) this.#sql.putRevision.run(fingerprint, app, JSON.stringify(arms));
    this.#sql.dropRevisions.run(MOST_REVISIONS);
  }

  loadRevisions(): AppRevision[] {
    return this.#sql.revisions.all().map((row) => ({
      fingerprint: row['fingerprint'] as Uint8Array, app: String(row['app']), arms: JSON.parse(String(row['arms'])) as string[],
    }));
  }

  /** As `copyDatabase`: what is committed while it goes on may be in it or not. */
  copyTo(file: string): Promise<void> {
    return copyDatabase(this.#database, file);
  }

  close(): void {
    this.#database.close();
  }

  /** What is for the app and what is for its context key, or nothing and what is full. */
  #addAll(app: KeptApp, { key, increments, keyed }: ClaimCommit): 'cells' | 'cell' | undefined {
    const change = keyed === undefined ? undefined : this.#keys.change(app.number, keyed, minuteOf(key));
    if (typeof change === 'string') return change;
    const full = this.#add(app, increments);
    if (full !== undefined || change === undefined) return full;
    app.keys += change();
    app.dirty = true;
    return undefined;
  }

  /** All increments, or none and what is full. */
  #add(app: KeptApp, increments: readonly Increment[]): 'cells' | 'cell' | undefined {
    const cells = this.#touchedOf(app);
    const changes = new Map<TouchedCell, bigint>();
    let fresh = 0;
    for (const increment of increments) {
      let cell = cells.get(increment.cell);
      if (cell === undefined) {
        cell = { value: this.#sql.findCell.get(app.number, increment.cell)?.['value'] as bigint | undefined, dirty: false };
        cells.set(increment.cell, cell);
      }
      const before = changes.get(cell) ?? cell.value;
      const value = incremented(before, increment);
      if (!isCell(value)) return 'cell';
      if (before === undefined) fresh++;
      changes.set(cell, value);
    }
    if (app.cells + fresh > app.bounds.maxCells) return 'cells';
    for (const [cell, value] of changes) Object.assign(cell, { value, dirty: true });
    if (fresh > 0) app.dirty = true;
    app.cells += fresh;
    return undefined;
  }

  #touchedOf(app: KeptApp): Map<string, TouchedCell> {
    let cells = this.#touched.get(app);
    if (cells === undefined) {
      cells = new Map();
      this.#touched.set(app, cells);
    }
    return cells;
  }

  #writeCounts(app: KeptApp): void {
    if (app.dirty) this.#sql.putCounts.run(app.claims, app.cells, app.keys, app.journalBytes, app.firstMinute, app.generation, app.number);
    app.dirty = false;
  }

  #writeTouched(app: KeptApp): void {
    for (const [name, { value, dirty }] of this.#touchedOf(app)) if (dirty && value !== undefined) this.#sql.putCell.run(app.number, name, value);
    this.#touched.delete(app);
  }

  #app(name: string): KeptApp {
    const app = this.#apps.get(name);
    if (app === undefined) throw new RangeError(`app ${name} is not served`);
    return app;
  }

  #counts(number: number): Pick<KeptApp, 'claims' | 'cells' | 'keys' | 'journalBytes' | 'firstMinute' | 'generation'> {
    const row = this.#sql.counts.get(number);
    return { claims: Number(row?.['claims']), cells: Number(row?.['cells']), keys: Number(row?.['keys']), journalBytes: Number(row?.['journal_bytes']), firstMinute: Number(row?.['first_minute']), generation: Number(row?.['generation']) };
  }
}

function statements(database: DatabaseSync) {
  const prepare = (sql: string, bigints = false): StatementSync => {
    const statement = database.prepare(sql);
    statement.setReadBigInts(bigints);
    return statement;
  };
  return {
    addApp: prepare('INSERT INTO app (name) VALUES (?) ON CONFLICT DO NOTHING'),
    findApp: prepare('SELECT number FROM app WHERE name = ?'),
    counts: prepare('SELECT claims, cells, keys, journal_bytes, first_minute, generation FROM app WHERE number = ?'),
    putCounts: prepare('UPDATE app SET claims = ?, cells = ?, keys = ?, journal_bytes = ?, first_minute = ?, generation = ? WHERE number = ?'),
    swept: prepare('SELECT swept FROM app WHERE number = ?'),
    putSwept: prepare('UPDATE app SET swept = ? WHERE number = ?'),
    findClaim: prepare('SELECT version, state FROM claim WHERE app = ? AND minute = ? AND id = ?'),
    addClaim: prepare('INSERT OR IGNORE INTO claim VALUES (?, ?, ?, 1, ?)'),
    putClaim: prepare('UPDATE claim SET version = ?, state = ? WHERE app = ? AND minute = ? AND id = ?'),
    dropClaim: prepare('DELETE FROM claim WHERE app = ? AND minute = ? AND id = ?'),
    dropClaims: prepare('DELETE FROM claim WHERE (app, minute, id) IN (SELECT app, minute, id FROM claim WHERE app = ? AND minute < ? ORDER BY minute LIMIT ?)'),
    allCells: prepare('SELECT name, value FROM cell WHERE app = ?', true),
    findCell: prepare('SELECT value FROM cell WHERE app = ? AND name = ?', true),
    putCell: prepare('INSERT OR REPLACE INTO cell VALUES (?, ?, ?)'),
    dropCell: prepare('DELETE FROM cell WHERE app = ? AND name = ?'),
    dropCells: prepare('DELETE FROM cell WHERE app = ?'),
    countCells: prepare('SELECT count(*) AS cells FROM cell WHERE app = ?'),
    putDecision: prepare('INSERT OR REPLACE INTO decision VALUES (?, ?, ?)'),
    findDecision: prepare('SELECT record FROM decision WHERE app = ? AND place = ?'),
    due: prepare('SELECT place, record FROM decision WHERE app = ? AND place > ? AND place < ? ORDER BY place LIMIT ?'),
    oldest: prepare('SELECT place, length(record) AS bytes FROM decision WHERE app = ? ORDER BY place LIMIT ?'),
    dropDecision: prepare('DELETE FROM decision WHERE app = ? AND place = ?'),
    putRevision: prepare('INSERT OR REPLACE INTO revision (fingerprint, app, arms) VALUES (?, ?, ?)'),
    dropRevisions: prepare('DELETE FROM revision WHERE number <= (SELECT max(number) FROM revision) - ?'),
    revisions: prepare('SELECT fingerprint, app, arms FROM revision ORDER BY number'),
  };
}
