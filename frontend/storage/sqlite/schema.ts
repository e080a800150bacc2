import type { DatabaseSync } from 'node:sqlite';

/** Each entry takes the schema from its index to the next version; entries are added, never changed. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE desired (
     one INTEGER PRIMARY KEY CHECK (one = 1),
     revision INTEGER NOT NULL,
     state TEXT NOT NULL
   ) STRICT;
   CREATE TABLE receipt_key (
     number INTEGER PRIMARY KEY,
     secret BLOB NOT NULL CHECK (length(secret) = 32),
     created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
   ) STRICT;`,
  `CREATE TABLE latency_model (
     version TEXT PRIMARY KEY,
     record TEXT NOT NULL
   ) STRICT;`,
  `CREATE TABLE audit (
     number INTEGER PRIMARY KEY AUTOINCREMENT,
     at_ms INTEGER NOT NULL,
     who TEXT NOT NULL,
     what TEXT NOT NULL,
     detail TEXT
   ) STRICT;
   CREATE TABLE admin_token (
     name TEXT PRIMARY KEY,
     digests TEXT NOT NULL
   ) STRICT;`,
  `CREATE TABLE note (
     kind TEXT NOT NULL,
     name TEXT NOT NULL,
     record BLOB NOT NULL,
     PRIMARY KEY (kind, name)
   ) STRICT;`,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Says which application the file belongs to (https://www.sqlite.org/pragma.html#pragma_application_id): "TwSt". */
const APPLICATION_ID = 0x54775374;

/** Brings the file to `SCHEMA_VERSION`, all steps or none. Throws on a file that is newer than this program, or another's. */
export function migrate(database: DatabaseSync): void {
  const application = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  if (application !== 0 && application !== APPLICATION_ID) throw new Error('it belongs to another program');
  if (version > SCHEMA_VERSION) throw new Error(`it was written by a newer Tradewind (schema ${version}; this one knows up to ${SCHEMA_VERSION})`);
  // Nothing is written where nothing is to be done: a broker starts on a disk that is full.
  if (application === APPLICATION_ID && version === SCHEMA_VERSION) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const step of MIGRATIONS.slice(version)) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
  } catch (thrown) {
    // A full disk has taken it back already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw thrown;
  }
}

function pragma(database: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
