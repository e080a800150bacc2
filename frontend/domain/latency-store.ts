import type { ModelKey } from './model.ts';

/** Keeps what was learned of the latency of model versions over a restart. The records are JSON; the one who reads them checks them. */
export interface LatencyStore {
  /** Every record that is kept, the one saved last at the end. A record that cannot be read is undefined. */
  loadLatencies(): Promise<ReadonlyMap<ModelKey, unknown>>;
  /** Adds or replaces these records, all or none, and keeps the `most` saved last of all; they are on disk once this resolves. */
  saveLatencies(records: ReadonlyMap<ModelKey, unknown>, most: number): Promise<void>;
}
