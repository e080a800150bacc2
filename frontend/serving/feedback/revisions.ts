import type { AppRevision, FeedbackStore } from '../../domain/feedback.ts';
import type { AppSpec } from '../../domain/model.ts';
import { appFingerprint } from '../decisions/receipt.ts';

/**
 * The definitions of apps that decisions were taken under, by the 8 bytes that stand in receipts: a reward finds its arm
 * also when the app has changed since, was restarted, or the decision was another broker's.
 */
export class AppRevisions {
  readonly #store: Pick<FeedbackStore, 'saveRevisions' | 'loadRevisions'>;
  readonly #known = new Map<string, AppRevision>();
  #loading: Promise<void> | undefined;

  constructor(store: Pick<FeedbackStore, 'saveRevisions' | 'loadRevisions'>) {
    this.#store = store;
  }

  find(fingerprint: Uint8Array): AppRevision | undefined {
    return this.#known.get(keyOf(fingerprint));
  }

  /** The apps as they are served from now on. Rejects as the store does; they are known here all the same. */
  async serve(specs: readonly AppSpec[]): Promise<void> {
    const fresh: AppRevision[] = [];
    for (const spec of specs) {
      const fingerprint = appFingerprint(spec.name, JSON.stringify(spec));
      const revision = { fingerprint, app: spec.name, arms: spec.arms };
      if (!this.#known.has(keyOf(fingerprint))) fresh.push(revision);
      this.#known.set(keyOf(fingerprint), revision);
    }
    if (fresh.length > 0) await this.#store.saveRevisions(fresh);
  }

  /** Reads what others have stored; calls at one time share one reading. */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    try {
      for (const revision of await this.#store.loadRevisions()) this.#known.set(keyOf(revision.fingerprint), revision);
    } finally {
      this.#loading = undefined;
    }
  }
}

function keyOf(fingerprint: Uint8Array): string {
  return Buffer.from(fingerprint.buffer, fingerprint.byteOffset, fingerprint.byteLength).toString('latin1');
}
