import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packCall, unpackCall, type FeedbackCall } from '../../../../../frontend/storage/sqlite/feedback-call.ts';
import { firstClaim, storedApp } from '../../../../support/feedback-stores.ts';

/** Buffers and typed arrays as lists. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)])) : value;
}

test('calls cross to the thread as they were', () => {
  const calls: FeedbackCall[] = [
    { kind: 'serve', apps: [storedApp()] },
    { kind: 'commit', app: 'a', commits: [firstClaim(7, [{ cell: 'x', add: 2n ** 62n }, { cell: 'y', add: -1n }, { cell: 'm', max: -(2n ** 63n) + 1n }], { row: 3, expected: 2, generation: 4, state: Uint8Array.of(1, 2) })] },
    { kind: 'due', app: 'a', beforeEpochMs: 1_795_000_000_000 },
    { kind: 'removeCells', app: 'a', cells: 'all' },
  ];
  calls.forEach((call, id) => assert.deepEqual(plain(unpackCall(packCall(id, call))), plain({ id, call })));
});
