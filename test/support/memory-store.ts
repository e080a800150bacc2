import { EMPTY_DESIRED_STATE } from '../../frontend/domain/model.ts';
import type { DesiredState } from '../../frontend/domain/model.ts';
import type { StateStore } from '../../frontend/domain/state-store.ts';

/** A state store in memory; `saved` is every record that it took, in order. */
export class MemoryStore implements StateStore {
  readonly saved: DesiredState[] = [];
  #state: DesiredState;

  constructor(state: DesiredState = EMPTY_DESIRED_STATE) {
    this.#state = state;
  }

  async loadDesired(): Promise<DesiredState> {
    return this.#state;
  }

  async saveDesired(expectedRevision: number, next: DesiredState): Promise<'saved' | 'stale'> {
    if (this.#state.revision !== expectedRevision) return 'stale';
    this.#state = next;
    this.saved.push(next);
    return 'saved';
  }

  async receiptKeys(): Promise<[]> {
    return [];
  }

  async close(): Promise<void> {}
}
