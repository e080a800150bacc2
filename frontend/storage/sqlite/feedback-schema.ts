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

/**
 * What version 2 adds: the cells of a context key, as one record (`key-state.ts`): they are read and written together, and a
 * million keys in a row each take a tenth of what their cells would take. `touched`: the minute of the last reward.
 */
const KEYS = `
  CREATE TABLE key_state (
    app INTEGER NOT NULL, context BLOB NOT NULL, touched INTEGER NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (app, context)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX key_touched ON key_state (app, touched);
  ALTER TABLE app ADD COLUMN keys INTEGER NOT NULL DEFAULT 0;`;

/** What version 3 adds: the minute before which claims may have been dropped. A window that is made longer opens no minute again. */
const FORGOTTEN = 'ALTER TABLE app ADD COLUMN first_minute INTEGER NOT NULL DEFAULT 0;';

/** What version 4 adds: how often all that the app had learned was removed. Claims from before that have nothing in its cells. */
const GENERATION = 'ALTER TABLE app ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;';

/** "TwFb"; see schema.ts. */
const APPLICATION_ID = 0x54774662;
/** Each takes the file from the version of its place to the next; steps are added, never changed. */
const STEPS: readonly string[] = [SCHEMA, KEYS, FORGOTTEN, GENERATION];
const VERSION = STEPS.length;

/** Brings the file to what is wanted, all steps or none. Throws on a file that is another program's, or of a newer version of this one. */
export function makeFeedbackTables(database: DatabaseSync): void {
  const application = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  if (application === APPLICATION_ID && version === VERSION) return;
  if (application !== 0 && application !== APPLICATION_ID) throw new Error('it belongs to another program');
  if (version > VERSION) throw new Error(`it has schema ${version}; this Tradewind knows ${VERSION}`);
  database.exec(`BEGIN IMMEDIATE; ${STEPS.slice(version).join('')} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION}; COMMIT`);
}

function pragma(database: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
