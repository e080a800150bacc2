/** How often, and for how long in all. */
export interface Spent {
  readonly count: number;
  readonly micros: number;
}

/**
 * What was done under one name and version since the broker started. A request that was split over batches counts once in
 * each. Of an app, only `success`, `fail`, `rows`, the last answer's time and how many were queued say anything.
 */
export interface ServedStatistics {
  readonly version: number;
  /** When the last batch ended, or the last answer with outputs was given; 0 where there was none. */
  readonly lastAtEpochMs: number;
  readonly rows: number;
  readonly batches: number;
  readonly success: Spent;
  readonly fail: Spent;
  /** From arrival to leaving for a replica; of each request. */
  readonly queue: Spent;
  /** The batch that it went with, as the broker saw it, less the model's own time; of each request. */
  readonly transfer: Spent;
  /** The model's own time for the batch that it went with; of each request. */
  readonly compute: Spent;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** By rows of a batch, rising: the model's own time. */
  readonly byRows: readonly { readonly rows: number; readonly compute: Spent }[];
}

/** Where doors learn it: one entry a version that exists; the one entry of an app has version 1. */
export interface StatisticsSource {
  of(kind: 'app' | 'model', name: string): readonly ServedStatistics[];
}
