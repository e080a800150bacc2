import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/** Lies in a state folder while its files are exchanged for those of a backup. */
export const HALF_RESTORED = 'half-restored';

/**
 * Opens (or makes) a file of the state folder for this process alone: a commit is on the disk once it returns. Makes folder
 * (0700) and file (0600) where they are not there. The lock is the kernel's, so it ends with the process, however that ends.
 * `prepare` brings it to the form that is wanted. Throws with a sentence for the operator.
 */
export function openSqliteFile(folder: string, name: string, prepare: (database: DatabaseSync) => void): DatabaseSync {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const file = join(folder, name);
  createPrivate(file);
  const database = new DatabaseSync(file);
  try {
    // Exclusive before WAL: the index of the log is then kept in memory, and the lock from the first transaction on.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN EXCLUSIVE; COMMIT');
    prepare(database);
    return database;
  } catch (thrown) {
    database.close();
    throw new Error(openFailure(folder, file, thrown), { cause: thrown });
  }
}

/** Whether `openSqliteFile` threw since a broker has the file. */
export function isInUse(thrown: unknown): boolean {
  return ((thrown as Error).cause as { errcode?: number } | undefined)?.errcode === SQLITE_BUSY;
}

/** Throws where a restore was interrupted in the folder: some of its files are old, some new, or there is none. */
export function assertNotHalfRestored(folder: string): void {
  if (existsSync(join(folder, HALF_RESTORED))) throw new Error(`a restore into ${folder} was interrupted, its state is not whole: do \`tradewind restore FILE --replace\` again`);
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
