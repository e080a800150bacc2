/** Keeps the histories that the dashboard shows beyond a restart: to lose one costs a picture, and never truth. Whoever reads one checks it. */
export interface HistoryStore {
  /** All that there are, by name; what cannot be read is left out. */
  load(): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Adds or replaces one, whole or not at all. Rejects where there is no room for it. */
  save(name: string, history: Uint8Array): Promise<void>;
  /** One that is not there is removed, too. */
  remove(name: string): Promise<void>;
}
