import type { DatabaseSync } from 'node:sqlite';

export type StoredNote = readonly [name: string, record: Uint8Array];

/** All notes of a kind, the one saved last at the end. */
export function readNotes(database: DatabaseSync, kind: string): readonly StoredNote[] {
  return database.prepare('SELECT name, record FROM note WHERE kind = ? ORDER BY rowid').all(kind).map((row) => [String(row['name']), row['record'] as Uint8Array] as const);
}

/** Adds or replaces notes, in whatever transaction is open, and keeps the `most` of the kind saved last. A row that is replaced gets a new rowid, the highest. */
export function writeNotes(database: DatabaseSync, kind: string, notes: readonly StoredNote[], most: number): void {
  const save = database.prepare('INSERT OR REPLACE INTO note (kind, name, record) VALUES (?, ?, ?)');
  for (const [name, record] of notes) save.run(kind, name, record);
  database.prepare('DELETE FROM note WHERE kind = ?1 AND rowid NOT IN (SELECT rowid FROM note WHERE kind = ?1 ORDER BY rowid DESC LIMIT ?2)').run(kind, most);
}
