import type { Cells, Increment } from '../../selection-policies/policy.ts';
import type { CellsView, KeyCellsView } from './cells.ts';
import type { DecisionKey } from './decision.ts';
import type { ErrorCode } from './errors.ts';

/** Claims outlive the reward window by this: silent decisions are swept after it, and a broker may have been away. */
export const CLAIM_SLACK_MS = 3_600_000;

/** One piece of feedback as a door hands it in; nothing in it has been checked but its form. */
export interface FeedbackItem {
  /** A receipt, `<receipt>.<row>` where the decision has many rows. */
  readonly decisionId: string;
  /** Exactly one of these three. */
  readonly reward?: unknown;
  readonly label?: unknown;
  readonly value?: unknown;
  /** The caller's own word for this piece: the same one again is a repeat. */
  readonly id?: string;
}

/** `accepted`: counted. `repeated`: counted before. `not_teachable`: kept, and credited to nobody. The first and last are durable. */
export type FeedbackVerdict =
  | { readonly kind: 'accepted' | 'repeated' | 'not_teachable' }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message?: string; readonly path?: string; readonly retryAfterMs?: number };

/** What a door needs of the feedback use case: one verdict for each item, in order. Never rejects. */
export interface FeedbackPort {
  /** `authorization`: the header of that name; items of apps with tokens are judged by it. */
  give(items: readonly FeedbackItem[], authorization: string | undefined): Promise<readonly FeedbackVerdict[]>;
}

/** What the store must know of an app: its bounds. Names are those of apps. */
export interface StoredApp {
  readonly name: string;
  /** How long after a decision its reward may come; claims are kept a little longer. */
  readonly windowMs: number;
  readonly maxClaims: number;
  readonly maxCells: number;
  /** Context keys whose cells are kept; past it those go that were rewarded least lately. */
  readonly maxKeys: number;
  readonly journalMaxAgeMs: number;
  readonly journalMaxBytes: number;
}

/**
 * A claim on one row of a decision: who holds it has counted its reward. `version` 0 is a claim that nobody made yet.
 * The store does not look into `state`.
 */
export interface Claim {
  readonly version: number;
  readonly state: Uint8Array;
}

/** Claims and adds, both or neither. */
export interface ClaimCommit {
  readonly key: DecisionKey;
  readonly row: number;
  /** The version that the claim must have now. */
  readonly expected: number;
  /** `FeedbackStore.generation` when the increments were reckoned: they are good for no other. */
  readonly generation: number;
  /** What it becomes; its version follows `expected` by one. */
  readonly state: Uint8Array;
  /** At most one for each cell. */
  readonly increments: readonly Increment[];
  /** The same for the cells of one context key. */
  readonly keyed?: { readonly context: Uint8Array; readonly increments: readonly Increment[] };
}

export type CommitOutcome =
  | { readonly kind: 'applied' }
  /** The claim has another version than was expected: this one. */
  | { readonly kind: 'conflict'; readonly claim: Claim }
  /** What the app had learned has been forgotten meanwhile: its generation is this one. Nothing was changed. */
  | { readonly kind: 'outdated'; readonly generation: number }
  /** Claims of the decision's minute have been dropped, by a window that was shorter then: whether it was rewarded is not known any more. Nothing was changed. */
  | { readonly kind: 'forgotten' }
  /** A bound of the store: claims of the app, its cells, or what a cell can hold. Nothing was changed. */
  | { readonly kind: 'full'; readonly what: 'claims' | 'cells' | 'cell' };

export interface StoredDecision extends DecisionKey {
  readonly record: Uint8Array;
}

/** Some decisions of one app, oldest first; none: there are no more for now. `cursor` is where the next ones begin. */
export interface DecisionPage {
  readonly decisions: readonly StoredDecision[];
  readonly cursor: string;
}

/** A definition of an app that decisions were taken under. */
export interface AppRevision {
  /** 8 bytes. */
  readonly fingerprint: Uint8Array;
  readonly app: string;
  readonly arms: readonly string[];
}

/** Why the store could not do it. After `unreachable` or `slow` it may have been done all the same. */
export type StoreTrouble = 'full' | 'locked' | 'corrupt' | 'gone' | 'unreachable' | 'slow' | 'failed';

/** A store that could not do what it was asked. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault';
  readonly trouble: StoreTrouble;

  constructor(trouble: StoreTrouble, message: string) {
    super(message);
    this.trouble = trouble;
  }
}

/**
 * What is never lost: claims, cells, decisions. Calls are carried out in the order in which they are made, as far as one
 * app is concerned; those made in one turn of the event loop are put to the disk together. Promises reject with a
 * `StoreFault`, and nothing else of the broker waits for them.
 */
export interface FeedbackStore {
  /** The apps that are served, before anything is asked of one; resolves once their cells can be read. Others keep theirs in the store. */
  serve(apps: readonly StoredApp[]): Promise<void>;
  /** Resolves once what was applied is durable; the outcomes are in the order of the commits. */
  commit(app: string, commits: readonly ClaimCommit[]): Promise<readonly CommitOutcome[]>;
  readonly cells: CellsView;
  readonly keys: KeyCellsView;
  /** The cells of these context keys as they are stored, in their order. */
  readKeys(app: string, contexts: readonly Uint8Array[]): Promise<readonly Cells[]>;
  /** How often all that an app had learned was removed, as far as it is known here; an `outdated` commit says that it is more. */
  generation(app: string): number;
  /** Removes these cells of an app, or all that its policy learned, of single context keys too; claims stay. */
  removeCells(app: string, cells: readonly string[] | 'all'): Promise<void>;
  /** Removes these cells of one context key, or all that was learned of it. */
  removeKey(app: string, context: Uint8Array, cells: readonly string[] | 'all'): Promise<void>;
  /** Resolves once they are written. Where `room` is less than their bytes it rejects at once. */
  append(app: string, decisions: readonly StoredDecision[]): Promise<void>;
  /** Bytes of decisions that may be handed over now. */
  readonly room: number;
  /** Those that are there still; undefined for the others. */
  decisions(app: string, keys: readonly DecisionKey[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** Decisions taken before `beforeEpochMs` that no sweep has passed yet. */
  due(app: string, beforeEpochMs: number): Promise<DecisionPage>;
  /** The sweep has passed everything up to a page's cursor. */
  swept(app: string, cursor: string): Promise<void>;
  /** Whether this broker is the one that sweeps the app, for the next `holdMs`. */
  lease(app: string, holdMs: number): Promise<boolean>;
  /** Drops claims and decisions that are past their age or bytes, and context keys that are too many. Bounded work; says whether there is more. */
  trim(app: string, nowEpochMs: number): Promise<boolean>;
  saveRevisions(revisions: readonly AppRevision[]): Promise<void>;
  loadRevisions(): Promise<readonly AppRevision[]>;
  /** Copies what this machine holds of it, as it stands, into a file that is not there yet; false where it is kept elsewhere. */
  copyTo(file: string): Promise<boolean>;
  close(): Promise<void>;
}
