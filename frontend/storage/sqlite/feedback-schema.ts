import type { DatabaseSync } from 'node:sqlite';

/**
 * Claims and decisions lie in the order in which they come and go: by minute and by time, then by rising id.
 * An app's counts are kept beside it, since to count millions of rows takes seconds.
 */
const SCHEMA = `
  CREATE TABLE app (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    claims INTEGER NOT NULL DEFAULT 0,
    cells INTEGER NOT NULL DEFAULT 0,
    journal_bytes INTEGER NOT NULL DEFAULT 0,
    swept BLOB NOT NULL DEFAULT x''
  ) STRICT;
  CREATE TABLE claim (
    app INTEGER NOT NULL, minute INTEGER NOT NULL, id BLOB NOT NULL, version INTEGER NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (app, minute, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE cell (
    app INTEGER NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL,
    PRIMARY KEY (app, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE decision (
    app INTEGER NOT NULL, place BLOB NOT NULL, record BLOB NOT NULL,
    PRIMARY KEY (app, place)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE revision (
    number INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL UNIQUE, app TEXT NOT NULL, arms TEXT NOT NULL
  ) STRICT;`;

/** "TwFb"; see schema.ts. */
const APPLICATION_ID = 0x54774662;
const VERSION = 1;

/** Makes the tables in a new file. Throws on a file that is another program's, or of a newer version of this one. */
export function makeFeedbackTables(database: DatabaseSync): void {
  const application = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  if (application === APPLICATION_ID && version === VERSION) return;
  if (application !== 0 && application !== APPLICATION_ID) throw new Error('it belongs to another program');
  if (version !== 0) throw new Error(`it has schema ${version}; this Tradewind knows ${VERSION}`);
  database.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION}; COMMIT`);
}

function pragma(database: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
