import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLAIM_SLACK_MS } from '../../../../frontend/domain/feedback.ts';
import { DecisionIds } from '../../../../frontend/serving/decisions/receipt.ts';
import { claimKey, firstMinuteKept, goesAtEpochMs, minuteOf, placeOf, readPlace } from '../../../../frontend/storage/claim-key.ts';

test('keys of one broker rise with its counter, rows within a decision', () => {
  const ids = new DecisionIds(Buffer.alloc(6, 9));
  const keys: Buffer[] = [];
  for (const n of [0, 1, 255, 256, 65_536, 2 ** 40]) for (const row of [0, 1, 300, 70_000]) keys.push(Buffer.from(claimKey({ id: Uint8Array.from(ids.bytes(n)), atEpochMs: 0 }, row)));
  assert.deepEqual(keys, keys.toSorted((a, b) => Buffer.compare(a, b)));
  assert.equal(new Set(keys.map((key) => key.toString('hex'))).size, keys.length);
});

test('a place says when and who, and places rise with time', () => {
  const key = { id: Uint8Array.from({ length: 12 }, (_, i) => i), atEpochMs: 1_795_000_000_123 };
  assert.deepEqual(readPlace(placeOf(key)), key);
  assert.ok(Buffer.compare(placeOf(key), placeOf({ id: new Uint8Array(12), atEpochMs: key.atEpochMs + 1 })) < 0);
});

test('a minute is kept until its last decision can have no more reward, and a while longer', () => {
  const now = 1_795_000_000_123;
  const windowMs = 90_000;
  const minute = minuteOf({ id: new Uint8Array(12), atEpochMs: now });
  assert.ok(goesAtEpochMs(minute, windowMs) > now + windowMs + CLAIM_SLACK_MS - 1);
  assert.ok(firstMinuteKept(now, windowMs) <= minuteOf({ id: new Uint8Array(12), atEpochMs: now - windowMs - CLAIM_SLACK_MS }));
  assert.ok(firstMinuteKept(goesAtEpochMs(minute, windowMs), windowMs) > minute);
});
