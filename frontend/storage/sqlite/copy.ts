import { chmodSync, closeSync, openSync } from 'node:fs';
import { backup, type DatabaseSync } from 'node:sqlite';

/** Pages that one step of a copy takes: what comes in between waits that long. */
const STEP_PAGES = 256;

/**
 * Copies a database that is in use into `file`, which must not be there yet: as it stood at one moment, whatever is written
 * meanwhile (SQLite's online backup, https://www.sqlite.org/backup.html). Only this user may read the copy.
 */
export async function copyDatabase(database: DatabaseSync, file: string): Promise<void> {
  closeSync(openSync(file, 'wx', 0o600));
  await backup(database, file, { rate: STEP_PAGES });
  chmodSync(file, 0o600);
}
