import type { AuditEntry } from './audit.ts';
import type { DesiredState } from './model.ts';

/** A key that receipts are signed with. Receipts name it by `number`; keys are added, never changed. */
export interface ReceiptKey {
  /** From 1 to 255; one signs, all verify. */
  readonly number: number;
  /** 32 random bytes; never logged, never shown. */
  readonly secret: Uint8Array;
}

/** What outlives the broker's process. One writer: whoever opened it holds it alone. */
export interface StateStore {
  /** `EMPTY_DESIRED_STATE` where nothing was saved yet. */
  loadDesired(): Promise<DesiredState>;
  /**
   * Saves `next` if what is stored still has revision `expectedRevision`; it is on disk once this resolves.
   * `next.revision` must be higher than `expectedRevision`. `entry` says who changed what, and is kept if and only if `next` is.
   */
  saveDesired(expectedRevision: number, next: DesiredState, entry?: AuditEntry): Promise<'saved' | 'stale'>;
  /** All keys, lowest number first; the last one signs. The first is made when there is none. */
  receiptKeys(): Promise<readonly ReceiptKey[]>;
  close(): Promise<void>;
}
