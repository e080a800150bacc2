import { Packr } from 'msgpackr';
import type { ArmReward, Increment } from '../../../selection-policies/policy.ts';
import type { Aggregation } from '../../domain/model.ts';
import { REWARD_UNITS, type ArmUnits } from './reward.ts';

/** Rewards with an id of their own that one decision can have. */
export const MOST_IDS = 64;

/** What was said of one arm so far, in reward units. All of it is kept, so that an app may change its mind on aggregation. */
export interface Tally {
  readonly arm: string;
  readonly stamp: number | undefined;
  /** The stamp of the arm in the state of the decision's context key. */
  readonly keyStamp: number | undefined;
  readonly count: number;
  readonly sum: number;
  readonly first: number;
  readonly last: number;
  readonly min: number;
  readonly max: number;
}

/** What a claim remembers of one row of a decision. */
export interface ClaimState {
  /** No further reward changes it: it was the first one, and the first one counts. */
  readonly closed: boolean;
  readonly ids: readonly string[];
  readonly tallies: readonly Tally[];
  /** The sums that its rewards have added to cells so far; the next ones add the difference. */
  readonly applied: readonly Increment[];
  /** The same to the cells of its context key. */
  readonly keyApplied: readonly Increment[];
  /** When that was first more than nothing; 0 where nobody has noted it. */
  readonly keyedAtEpochMicros: number;
  /** Of the app's cells when they were added (`FeedbackStore.generation`): in those of another generation they are not. */
  readonly generation: number;
}

export const NEW_CLAIM: ClaimState = Object.freeze({ closed: false, ids: [], tallies: [], applied: [], keyApplied: [], keyedAtEpochMicros: 0, generation: 0 });

/** One reward on its way into a claim; no arms: it is kept, and teaches nobody. */
export interface Reward {
  readonly id?: string;
  readonly arms: readonly ArmUnits[];
  /** Counts only where nothing was said before it. */
  readonly onlyFirst?: boolean;
}

export type Folded = { readonly kind: 'taken'; readonly state: ClaimState } | { readonly kind: 'repeated' | 'full' };

/** The claim with one more reward. `state` is undefined where there is no claim yet. */
export function fold(state: ClaimState | undefined, reward: Reward, aggregation: Aggregation): Folded {
  if (aggregation === 'first' || reward.onlyFirst === true) {
    if (state !== undefined) return { kind: 'repeated' };
    return { kind: 'taken', state: { ...NEW_CLAIM, closed: aggregation === 'first', tallies: reward.arms.map((arm) => counted(undefined, arm)) } };
  }
  const before = state ?? NEW_CLAIM;
  if (before.closed || (reward.id !== undefined && before.ids.includes(reward.id))) return { kind: 'repeated' };
  if (reward.id !== undefined && before.ids.length >= MOST_IDS) return { kind: 'full' };
  const tallies = new Map(before.tallies.map((tally) => [tally.arm, tally]));
  for (const arm of reward.arms) tallies.set(arm.arm, counted(tallies.get(arm.arm), arm));
  return { kind: 'taken', state: { ...before, ids: reward.id === undefined ? before.ids : [...before.ids, reward.id], tallies: [...tallies.values()] } };
}

/** A stamp is that of the first reward: the difference to what it added must be exact. */
function counted(before: Tally | undefined, { arm, units, stamp, keyStamp }: ArmUnits): Tally {
  if (before === undefined) return { arm, stamp, keyStamp, count: 1, sum: units, first: units, last: units, min: units, max: units };
  return {
    ...before, count: before.count + 1, sum: before.sum + units, last: units,
    min: Math.min(before.min, units), max: Math.max(before.max, units),
  };
}

/** What each arm earned by it all, in [0, 1], as the app's state or that of the context key is told. Sums begin at `zeroUnits` and end at 0 and 1. */
export function earned(state: ClaimState, aggregation: Aggregation, { zeroUnits, ofKey }: { zeroUnits: number; ofKey: boolean }): readonly ArmReward[] {
  return state.tallies.map((tally) => {
    const reward = unitsOf(tally, aggregation, zeroUnits) / REWARD_UNITS;
    const stamp = ofKey ? tally.keyStamp : tally.stamp;
    return stamp === undefined ? { arm: tally.arm, reward } : { arm: tally.arm, reward, stamp };
  });
}

function unitsOf(tally: Tally, aggregation: Aggregation, zeroUnits: number): number {
  switch (aggregation) {
    case 'first': return tally.first;
    case 'last': return tally.last;
    case 'min': return tally.min;
    case 'max': return tally.max;
    case 'mean': return tally.sum / tally.count;
    case 'sum': return Math.min(Math.max(tally.sum - (tally.count - 1) * zeroUnits, 0), REWARD_UNITS);
  }
}

const packr = new Packr({ useRecords: false, int64AsType: 'bigint' });
const CLOSED = new Uint8Array();

/** As it is stored; a closed claim needs no more than to be there. */
export function encodeClaim({ closed, ids, tallies, applied, keyApplied, keyedAtEpochMicros, generation }: ClaimState): Uint8Array {
  if (closed) return CLOSED;
  const isKeyed = keyApplied.length > 0 || tallies.some(({ keyStamp }) => keyStamp !== undefined);
  const timed = keyApplied.length > 0 && keyedAtEpochMicros > 0 ? [addsOf(keyApplied), generation, keyedAtEpochMicros] : undefined;
  return packr.pack([
    ids, tallies.map(({ arm, stamp, keyStamp, count, sum, first, last, min, max }) => [arm, stamp ?? null, count, sum, first, last, min, max, ...(isKeyed ? [keyStamp ?? null] : [])]),
    addsOf(applied), ...(timed ?? [...(isKeyed || generation > 0 ? [addsOf(keyApplied)] : []), ...(generation > 0 ? [generation] : [])]),
  ]);
}

function addsOf(applied: readonly Increment[]): [string, bigint][] {
  return applied.flatMap((increment): [string, bigint][] => ('add' in increment ? [[increment.cell, increment.add]] : []));
}

type PackedTally = [arm: string, stamp: number | null, count: number, sum: number, first: number, last: number, min: number, max: number, keyStamp?: number | null];

type PackedClaim = [ids: string[], tallies: PackedTally[], applied: [string, bigint][], keyApplied?: [string, bigint][], generation?: number, keyedAtEpochMicros?: number];

export function decodeClaim(bytes: Uint8Array): ClaimState {
  if (bytes.length === 0) return { ...NEW_CLAIM, closed: true };
  const [ids, tallies, applied, keyApplied = [], generation = 0, keyedAtEpochMicros = 0] = packr.unpack(bytes) as PackedClaim;
  return {
    closed: false, ids,
    tallies: tallies.map(([arm, stamp, count, sum, first, last, min, max, keyStamp]) => ({ arm, stamp: stamp ?? undefined, keyStamp: keyStamp ?? undefined, count, sum, first, last, min, max })),
    applied: applied.map(([cell, add]) => ({ cell, add })), keyApplied: keyApplied.map(([cell, add]) => ({ cell, add })), keyedAtEpochMicros, generation,
  };
}
