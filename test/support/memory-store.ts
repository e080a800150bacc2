import type { AdminToken, AdminTokenStore } from '../../frontend/domain/admin-token.ts';
import type { AuditEntry, AuditRecord, AuditStore } from '../../frontend/domain/audit.ts';
import { EMPTY_DESIRED_STATE } from '../../frontend/domain/model.ts';
import type { DesiredState } from '../../frontend/domain/model.ts';
import type { StateStore } from '../../frontend/domain/state-store.ts';

/** A state store in memory; `saved` is every record that it took, in order, and `records` the audit log, oldest first. */
export class MemoryStore implements StateStore, AuditStore, AdminTokenStore {
  readonly saved: DesiredState[] = [];
  readonly records: AuditRecord[] = [];
  #state: DesiredState;
  #tokens: readonly AdminToken[] = [];

  constructor(state: DesiredState = EMPTY_DESIRED_STATE) {
    this.#state = state;
  }

  async loadDesired(): Promise<DesiredState> {
    return this.#state;
  }

  async saveDesired(expectedRevision: number, next: DesiredState, entry?: AuditEntry): Promise<'saved' | 'stale'> {
    if (this.#state.revision !== expectedRevision) return 'stale';
    this.#state = next;
    this.saved.push(next);
    if (entry !== undefined) await this.record(entry);
    return 'saved';
  }

  async record(entry: AuditEntry): Promise<void> {
    this.records.push({ ...entry, number: this.records.length + 1, atEpochMs: 0 });
  }

  async audit({ before = Infinity, most }: { readonly before?: number; readonly most: number }): Promise<readonly AuditRecord[]> {
    return this.records.filter(({ number }) => number < before).toReversed().slice(0, most);
  }

  async loadTokens(): Promise<readonly AdminToken[]> {
    return this.#tokens;
  }

  async saveTokens(tokens: readonly AdminToken[], entry: AuditEntry): Promise<void> {
    this.#tokens = tokens;
    await this.record(entry);
  }

  async receiptKeys(): Promise<[]> {
    return [];
  }

  async close(): Promise<void> {}
}
