import { Packr } from 'msgpackr';
import type { Increment } from '../../../selection-policies/policy.ts';
import type { AppRevision, ClaimCommit, StoredApp, StoredDecision, StoreTrouble } from '../../domain/feedback.ts';
import type { DecisionKey } from '../../domain/decision.ts';

/** What the feedback thread is asked to do. */
export type FeedbackCall =
  | { readonly kind: 'serve'; readonly apps: readonly StoredApp[] }
  | { readonly kind: 'commit'; readonly app: string; readonly commits: readonly ClaimCommit[] }
  | { readonly kind: 'removeCells'; readonly app: string; readonly cells: readonly string[] | 'all' }
  | { readonly kind: 'readKeys'; readonly app: string; readonly contexts: readonly Uint8Array[] }
  | { readonly kind: 'removeKey'; readonly app: string; readonly context: Uint8Array; readonly cells: readonly string[] | 'all' }
  | { readonly kind: 'append'; readonly app: string; readonly decisions: readonly StoredDecision[] }
  | { readonly kind: 'decisions'; readonly app: string; readonly keys: readonly DecisionKey[] }
  | { readonly kind: 'due'; readonly app: string; readonly beforeEpochMs: number }
  | { readonly kind: 'swept'; readonly app: string; readonly cursor: string }
  | { readonly kind: 'trim'; readonly app: string; readonly nowEpochMs: number }
  | { readonly kind: 'saveRevisions'; readonly revisions: readonly AppRevision[] }
  | { readonly kind: 'loadRevisions' };

/** What the thread is told beside the ring: calls are there, end, or copy the file beside whatever else goes on. */
export type FeedbackWord = 'wake' | 'close' | { readonly copyTo: string; readonly id: number };

/** What it says of one call. */
export type FeedbackReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly trouble: StoreTrouble; readonly error: string };

const packr = new Packr({ useRecords: false, int64AsType: 'bigint' });

/** Calls cross to the thread as bytes: a number to answer to, and the call. */
export function packCall(id: number, call: FeedbackCall): Uint8Array {
  if (call.kind !== 'commit') return packr.pack([id, call]);
  // The one that is hot goes without the names of its fields.
  return packr.pack([id, call.app, call.commits.map(({ key, row, expected, generation, state, increments, keyed }) => [
    key.id, key.atEpochMs, row, expected, generation, state, increments.map(packIncrement), ...(keyed === undefined ? [] : [keyed.context, keyed.increments.map(packIncrement)]),
  ])]);
}

type PackedIncrement = [string, bigint] | [string, bigint, 1];

function packIncrement(increment: Increment): PackedIncrement {
  return 'add' in increment ? [increment.cell, increment.add] : [increment.cell, increment.max, 1];
}

export function unpackCall(frame: Uint8Array): { readonly id: number; readonly call: FeedbackCall } {
  const [id, call, commits] = packr.unpack(frame) as [number, FeedbackCall | string, PackedCommit[] | undefined];
  if (typeof call !== 'string') return { id, call };
  return { id, call: { kind: 'commit', app: call, commits: (commits ?? []).map(unpackCommit) } };
}

type PackedCommit = [id: Uint8Array, atEpochMs: number, row: number, expected: number, generation: number, state: Uint8Array, increments: PackedIncrement[], context?: Uint8Array, ofKey?: PackedIncrement[]];

function unpackCommit([id, atEpochMs, row, expected, generation, state, increments, context, ofKey]: PackedCommit): ClaimCommit {
  return {
    key: { id, atEpochMs }, row, expected, generation, state, increments: increments.map(unpackIncrement),
    ...(context === undefined || ofKey === undefined ? {} : { keyed: { context, increments: ofKey.map(unpackIncrement) } }),
  };
}

function unpackIncrement([cell, by, max]: PackedIncrement): Increment {
  return max === undefined ? { cell, add: by } : { cell, max: by };
}
