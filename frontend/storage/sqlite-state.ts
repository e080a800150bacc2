import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate } from './sqlite-schema.ts';

export interface StoredReceiptKey {
  readonly number: number;
  readonly secret: Uint8Array;
}

export const STATE_FILE = 'tradewind.sqlite';
const SQLITE_BUSY = 5;

/**
 * The state file, held by one process alone and used by one thread: what `SqliteStore` asks for is done here. The lock is
 * the kernel's, so it ends with the process, however that ends.
 */
export class SqliteState {
  readonly #database: DatabaseSync;

  /** Makes folder (0700) and file (0600) where they are not there. Throws with a sentence for the operator. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    const file = join(folder, STATE_FILE);
    createPrivate(file);
    this.#database = new DatabaseSync(file);
    try {
      // Exclusive before WAL: the index of the log is then kept in memory, and the lock from the first transaction on.
      this.#database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN EXCLUSIVE; COMMIT');
      migrate(this.#database);
    } catch (thrown) {
      this.#database.close();
      throw new Error(openFailure(folder, file, thrown), { cause: thrown });
    }
  }

  /** The record as JSON; undefined where none was saved. */
  loadDesired(): string | undefined {
    const row = this.#database.prepare('SELECT state FROM desired WHERE one = 1').get();
    return row === undefined ? undefined : String(row['state']);
  }

  /** Compare and set: false where the stored revision (0 where there is none) is not `expectedRevision`. */
  saveDesired(expectedRevision: number, revision: number, state: string): boolean {
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

  close(): void {
    this.#database.close();
  }
}

/** SQLite gives the log beside it the same mode. An existing file is not opened here: closing it would drop its locks. */
function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    chmodSync(file, 0o600);
  }
}

function openFailure(folder: string, file: string, thrown: unknown): string {
  if ((thrown as { errcode?: number }).errcode === SQLITE_BUSY) return `${folder} is in use by another broker; give each its own state_dir`;
  return `${file} cannot be used: ${(thrown as Error).message}`;
}
