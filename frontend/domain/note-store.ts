/** `load-memory`: what a replica of a version was last seen to take. */
export type NoteKind = 'load-memory';

/** Keeps what the broker would else have to see anew after a restart: to lose it costs time, and never truth. Whoever reads a note checks it. */
export interface NoteStore {
  /** All notes of the kind, the one saved last at the end. */
  loadNotes(kind: NoteKind): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Adds or replaces these, all or none, and keeps the `most` of the kind that were saved last; they are on disk once this resolves. */
  saveNotes(kind: NoteKind, notes: ReadonlyMap<string, Uint8Array>, most: number): Promise<void>;
}
