import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { addRecord, readRecords, type StoredEntry, type StoredRecord } from './audit-table.ts';
import { copyDatabase } from './copy.ts';
import { assertNotHalfRestored, openSqliteFile } from './file.ts';
import { readNotes, writeNotes, type StoredNote } from './note-table.ts';
import { migrate } from './schema.ts';

export interface StoredReceiptKey {
  readonly number: number;
  readonly secret: Uint8Array;
}

export const STATE_FILE = 'tradewind.sqlite';

/**
 * The state file, held by one process alone and used by one thread: what `SqliteStore` asks for is done here. The lock is
 * the kernel's, so it ends with the process, however that ends.
 */
export class SqliteState {
  readonly #database: DatabaseSync;

  /** As `openSqliteFile`. */
  constructor(folder: string) {
    this.#database = openSqliteFile(folder, STATE_FILE, (database) => {
      // With the lock held: a restore that begins later finds it in use.
      assertNotHalfRestored(folder);
      migrate(database);
    });
  }

  /** The record as JSON; undefined where none was saved. */
  loadDesired(): string | undefined {
    const row = this.#database.prepare('SELECT state FROM desired WHERE one = 1').get();
    return row === undefined ? undefined : String(row['state']);
  }

  /** Compare and set: false where the stored revision (0 where there is none) is not `expectedRevision`. The entry is kept with it. */
  saveDesired(expectedRevision: number, revision: number, state: string, entry?: StoredEntry): boolean {
    return this.#together(() => {
      const saved = this.#setDesired(expectedRevision, revision, state);
      if (saved && entry !== undefined) addRecord(this.#database, entry, Date.now());
      return saved;
    });
  }

  #setDesired(expectedRevision: number, revision: number, state: string): boolean {
    const update = this.#database.prepare('UPDATE desired SET revision = ?, state = ? WHERE one = 1 AND revision = ?').run(revision, state, expectedRevision);
    if (Number(update.changes) === 1) return true;
    if (expectedRevision !== 0) return false;
    return Number(this.#database.prepare('INSERT INTO desired (one, revision, state) VALUES (1, ?, ?) ON CONFLICT DO NOTHING').run(revision, state).changes) === 1;
  }

  receiptKeys(): readonly StoredReceiptKey[] {
    const read = (): StoredReceiptKey[] => this.#database.prepare('SELECT number, secret FROM receipt_key ORDER BY number').all()
      .map((row) => ({ number: Number(row['number']), secret: row['secret'] as Uint8Array }));
    const keys = read();
    if (keys.length > 0) return keys;
    this.#database.prepare('INSERT INTO receipt_key (number, secret) VALUES (1, ?)').run(randomBytes(32));
    return read();
  }

  /** Records as JSON by model version, the one saved last at the end. */
  loadLatencies(): readonly (readonly [key: string, record: string])[] {
    return this.#database.prepare('SELECT version, record FROM latency_model ORDER BY rowid').all().map((row) => [String(row['version']), String(row['record'])] as const);
  }

  /** Adds or replaces the records, and keeps the `most` saved last. A row that is replaced gets a new rowid, the highest. */
  saveLatencies(records: readonly (readonly [key: string, record: string])[], most: number): void {
    const save = this.#database.prepare('INSERT OR REPLACE INTO latency_model (version, record) VALUES (?, ?)');
    this.#together(() => {
      for (const [key, record] of records) save.run(key, record);
      this.#database.prepare('DELETE FROM latency_model WHERE rowid NOT IN (SELECT rowid FROM latency_model ORDER BY rowid DESC LIMIT ?)').run(most);
    });
  }

  /** As `readNotes`. */
  loadNotes(kind: string): readonly StoredNote[] {
    return readNotes(this.#database, kind);
  }

  /** As `writeNotes`, all or none. */
  saveNotes(kind: string, notes: readonly StoredNote[], most: number): void {
    this.#together(() => writeNotes(this.#database, kind, notes, most));
  }

  record(entry: StoredEntry): void {
    this.#together(() => addRecord(this.#database, entry, Date.now()));
  }

  /** Records below the number `before`, the newest first. */
  audit(page: { readonly before: number; readonly most: number }): readonly StoredRecord[] {
    return readRecords(this.#database, page);
  }

  /** Name, and digests as JSON. */
  loadTokens(): readonly (readonly [name: string, digests: string])[] {
    return this.#database.prepare('SELECT name, digests FROM admin_token ORDER BY name').all().map((row) => [String(row['name']), String(row['digests'])] as const);
  }

  saveTokens(tokens: readonly (readonly [name: string, digests: string])[], entry: StoredEntry): void {
    this.#together(() => {
      this.#database.exec('DELETE FROM admin_token');
      const add = this.#database.prepare('INSERT INTO admin_token (name, digests) VALUES (?, ?)');
      for (const [name, digests] of tokens) add.run(name, digests);
      addRecord(this.#database, entry, Date.now());
    });
  }

  /** As `copyDatabase`. */
  copyTo(file: string): Promise<void> {
    return copyDatabase(this.#database, file);
  }

  /** All of it, or nothing where it throws. */
  #together<T>(run: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = run();
      this.#database.exec('COMMIT');
      return result;
    } catch (thrown) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw thrown;
    }
  }

  close(): void {
    this.#database.close();
  }
}
