import type { DecisionKey } from '../domain/decision.ts';
import { CLAIM_SLACK_MS } from '../domain/feedback.ts';

const DECISION_ID_BYTES = 12;
const ROW_BYTES = 3;
const START_BYTES = 6;
const TIME_BYTES = 6;
export const MINUTE_MS = 60_000;

/** Claims lie in sets by the minute of their decision, and go with their minute. */
export function minuteOf({ atEpochMs }: DecisionKey): number {
  return Math.floor(atEpochMs / MINUTE_MS);
}

/** The first minute whose claims are kept, where decisions older than `windowMs` take no reward. */
export function firstMinuteKept(nowEpochMs: number, windowMs: number): number {
  return Math.floor((nowEpochMs - windowMs - CLAIM_SLACK_MS) / MINUTE_MS);
}

/** When the claims of a minute are kept no more. */
export function goesAtEpochMs(minute: number, windowMs: number): number {
  return (minute + 1) * MINUTE_MS + windowMs + CLAIM_SLACK_MS;
}

/** Where a decision lies among those of its app: by time (epoch ms, u48), then by rising id. */
export function placeOf({ id, atEpochMs }: DecisionKey): Uint8Array {
  const place = new Uint8Array(TIME_BYTES + DECISION_ID_BYTES);
  for (let i = 0, rest = atEpochMs; i < TIME_BYTES; i++, rest = Math.floor(rest / 256)) place[TIME_BYTES - 1 - i] = rest % 256;
  place.set(risingId(id), TIME_BYTES);
  return place;
}

export function readPlace(place: Uint8Array): DecisionKey {
  let atEpochMs = 0;
  for (const byte of place.subarray(0, TIME_BYTES)) atEpochMs = atEpochMs * 256 + byte;
  return { id: risingId(place.subarray(TIME_BYTES)), atEpochMs };
}

/**
 * A decision's id with its counter big-endian: a broker's ids then rise, and a tree that takes them in order is four times
 * as quick as one that takes them anywhere. Doing it twice undoes it.
 */
function risingId(id: Uint8Array): Uint8Array {
  const key = Uint8Array.from(id);
  key.subarray(START_BYTES, DECISION_ID_BYTES).reverse();
  return key;
}

/** The claim on a row of a decision: its rising id, then the row (u24). */
export function claimKey({ id }: DecisionKey, row: number): Uint8Array {
  const key = new Uint8Array(DECISION_ID_BYTES + ROW_BYTES);
  key.set(id);
  key.subarray(START_BYTES, DECISION_ID_BYTES).reverse();
  key[DECISION_ID_BYTES] = row >>> 16;
  key[DECISION_ID_BYTES + 1] = row >>> 8;
  key[DECISION_ID_BYTES + 2] = row;
  return key;
}
