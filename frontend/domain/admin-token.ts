import type { AuditEntry } from './audit.ts';

/** A bearer token of admin as it is known here: by the digests of its secrets, never by a secret. */
export interface AdminToken {
  readonly name: string;
  /** SHA-256 in hexadecimal, the newest first: more than one while a secret is being replaced by another. */
  readonly digests: readonly string[];
}

/** The tokens that were made through admin, as one durable record. */
export interface AdminTokenStore {
  loadTokens(): Promise<readonly AdminToken[]>;
  /** Replaces them all, together with the record of who did it. */
  saveTokens(tokens: readonly AdminToken[], entry: AuditEntry): Promise<void>;
}
