import type { DatabaseSync } from 'node:sqlite';

/** An entry as it is stored; `detail` is JSON. */
export interface StoredEntry {
  readonly who: string;
  readonly what: string;
  readonly detail?: string;
}

export interface StoredRecord extends StoredEntry {
  readonly number: number;
  readonly atEpochMs: number;
}

/** Records that are kept; the oldest go. */
export const MOST_RECORDS = 10_000;

/** Adds a record, in whatever transaction is open. */
export function addRecord(database: DatabaseSync, { who, what, detail }: StoredEntry, atEpochMs: number): void {
  const { lastInsertRowid } = database.prepare('INSERT INTO audit (at_ms, who, what, detail) VALUES (?, ?, ?, ?)').run(atEpochMs, who, what, detail ?? null);
  database.prepare('DELETE FROM audit WHERE number <= ?').run(Number(lastInsertRowid) - MOST_RECORDS);
}

/** The newest first. */
export function readRecords(database: DatabaseSync, { before, most }: { readonly before: number; readonly most: number }): readonly StoredRecord[] {
  return database.prepare('SELECT number, at_ms, who, what, detail FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?').all(before, most).map((row) => ({
    number: Number(row['number']), atEpochMs: Number(row['at_ms']), who: String(row['who']), what: String(row['what']),
    ...(row['detail'] === null ? {} : { detail: String(row['detail']) }),
  }));
}
