import type { Increment } from '../../../selection-policies/policy.ts';
import type { ClaimCommit, CommitOutcome, StoredApp } from '../../domain/feedback.ts';
import { claimKey, firstMinuteKept, goesAtEpochMs, minuteOf } from '../claim-key.ts';
import type { AppKeys } from './app-keys.ts';
import type { RedisValue } from './connection.ts';
import { numbered } from './numbered.ts';
import { bytesOf } from './reply.ts';

/** Commits of one script: it keeps Redis from others for about a millisecond. */
const MOST_COMMITS = 256;
const MOST_INCREMENTS = 16_384;
/** Cells of one context key: more than any policy reads. */
const MOST_KEY_CELLS = 4_096;

/** The keys and arguments of `COMMIT`. `alwaysWrites`: also where nothing is applied, so that replicas can be waited for. */
export function commitCall(
  { bounds, keys }: { readonly bounds: StoredApp; readonly keys: AppKeys }, commits: readonly ClaimCommit[], { nowEpochMs, alwaysWrites }: { nowEpochMs: number; alwaysWrites: boolean },
): { readonly keys: readonly string[]; readonly args: readonly RedisValue[] } {
  const minutes = new Map<number, number>();
  const contexts = new Map<string, number>();
  const args: RedisValue[] = [];
  for (const { key, row, expected, generation, state, increments, keyed } of commits) {
    args.push(numbered(minutes, minuteOf(key)), bytesOf(claimKey(key, row)), expected, generation, bytesOf(state), ...incrementArgs(increments));
    if (keyed === undefined) args.push(0, '', 0);
    else args.push(numbered(contexts, keys.ofKey(keyed.context)), bytesOf(keyed.context), ...incrementArgs(keyed.increments));
  }
  const head: RedisValue[] = [bounds.maxClaims, bounds.maxCells, firstMinuteKept(nowEpochMs, bounds.windowMs), minutes.size, MOST_KEY_CELLS, alwaysWrites ? 1 : 0];
  for (const minute of minutes.keys()) head.push(minute, goesAtEpochMs(minute, bounds.windowMs));
  const claims = [...minutes.keys()].map((minute) => keys.claims(minute));
  return { keys: [keys.meta, keys.counts, keys.cells, keys.versions, keys.keyVersions, ...claims, ...contexts.keys()], args: [...head, ...args] };
}

/** Each short enough for one script. */
export function piecesOf(commits: readonly ClaimCommit[]): readonly (readonly ClaimCommit[])[] {
  const pieces: ClaimCommit[][] = [];
  let increments = 0;
  for (const commit of commits) {
    const last = pieces.at(-1);
    increments += commit.increments.length + (commit.keyed?.increments.length ?? 0);
    if (last === undefined || last.length >= MOST_COMMITS || increments > MOST_INCREMENTS) {
      pieces.push([commit]);
      increments = commit.increments.length + (commit.keyed?.increments.length ?? 0);
    } else {
      last.push(commit);
    }
  }
  return pieces;
}

/** What `COMMIT` says of one commit. */
export function outcomeOf(said: number | Buffer): CommitOutcome {
  if (typeof said === 'number' && said < 0) return { kind: 'outdated', generation: -1 - said };
  switch (said) {
    case 0: return { kind: 'applied' };
    case 1: return { kind: 'full', what: 'claims' };
    case 2: return { kind: 'full', what: 'cells' };
    case 3: return { kind: 'full', what: 'cell' };
    case 4: return { kind: 'forgotten' };
    default: {
      const claim = said as Buffer;
      return { kind: 'conflict', claim: claim.length === 0 ? { version: 0, state: new Uint8Array() } : { version: claim.readUInt32BE(0), state: claim.subarray(4) } };
    }
  }
}

/** Their number, and then each of them. */
function incrementArgs(increments: readonly Increment[]): RedisValue[] {
  const args: RedisValue[] = [increments.length];
  for (const increment of increments) {
    if ('add' in increment) args.push('a', increment.cell, String(increment.add));
    else args.push('m', increment.cell, String(increment.max));
  }
  return args;
}
