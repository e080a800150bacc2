/** Who did what: `token:ops`, `PUT /admin/apps/digits`. */
export interface Deed {
  /** `socket` (the operator's own), `token:NAME`, `loopback`, `file` or `broker`. */
  readonly who: string;
  readonly what: string;
}

export interface AuditEntry extends Deed {
  /** What changed by it, as plain data; bounded where it is stored. */
  readonly detail?: unknown;
}

export interface AuditRecord extends AuditEntry {
  /** Rises by one from record to record. */
  readonly number: number;
  readonly atEpochMs: number;
}

/** What was changed, and by whom: durable, the oldest dropped where there are too many. */
export interface AuditStore {
  /** Durable once it resolves. A change of desired state carries its own entry: `StateStore.saveDesired`. */
  record(entry: AuditEntry): Promise<void>;
  /** At most `most` records with numbers below `before`, the newest first. */
  audit(page: { readonly before?: number; readonly most: number }): Promise<readonly AuditRecord[]>;
}
