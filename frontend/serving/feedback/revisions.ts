import type { AppRevision, FeedbackStore } from '../../domain/feedback.ts';
import type { AppSpec } from '../../domain/model.ts';
import { appFingerprint } from '../decisions/receipt.ts';

/** Beside those of the apps that are served: as many as the store keeps. */
const MOST = 4_096;

/**
 * The definitions of apps that decisions were taken under, by the 8 bytes that stand in receipts: a reward finds its arm
 * also when the app has changed since, was restarted, or the decision was another broker's.
 */
export class AppRevisions {
  readonly #store: Pick<FeedbackStore, 'saveRevisions' | 'loadRevisions'>;
  readonly #known = new Map<string, AppRevision>();
  #served: readonly AppRevision[] = [];
  #loading: Promise<void> | undefined;

  constructor(store: Pick<FeedbackStore, 'saveRevisions' | 'loadRevisions'>) {
    this.#store = store;
  }

  find(fingerprint: Uint8Array): AppRevision | undefined {
    return this.#known.get(keyOf(fingerprint));
  }

  /** The apps as they are served from now on. Rejects as the store does; they are known here all the same. */
  async serve(specs: readonly AppSpec[]): Promise<void> {
    this.#served = specs.map((spec) => ({ fingerprint: appFingerprint(spec.name, JSON.stringify(spec)), app: spec.name, arms: spec.arms }));
    const fresh = this.#served.filter(({ fingerprint }) => this.find(fingerprint) === undefined);
    this.#keep(this.#served);
    if (fresh.length > 0) await this.#store.saveRevisions(fresh);
  }

  /** Reads what others have stored; calls at one time share one reading. */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** They become the newest; the oldest go where there are too many. */
  #keep(revisions: readonly AppRevision[]): void {
    for (const revision of revisions) {
      const key = keyOf(revision.fingerprint);
      this.#known.delete(key);
      this.#known.set(key, revision);
    }
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST + this.#served.length) break;
      this.#known.delete(oldest);
    }
  }

  async #load(): Promise<void> {
    try {
      this.#keep(await this.#store.loadRevisions());
      this.#keep(this.#served);
    } finally {
      this.#loading = undefined;
    }
  }
}

function keyOf(fingerprint: Uint8Array): string {
  return Buffer.from(fingerprint.buffer, fingerprint.byteOffset, fingerprint.byteLength).toString('latin1');
}
