import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppKeys } from '../../../../../frontend/storage/redis/app-keys.ts';
import { commitCall, outcomeOf, piecesOf } from '../../../../../frontend/storage/redis/commit-call.ts';
import { firstClaim, storedApp } from '../../../../support/feedback-stores.ts';

const KEYS = new AppKeys('a');
const ANN = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

test('a call names each minute and each context key once, all under the hash tag of the app', () => {
  const now = Date.now();
  const commits = [1, 2, 3].map((n) => firstClaim(n, [{ cell: 'n', add: 1n }], { key: { id: new Uint8Array(12), atEpochMs: now }, keyed: { context: ANN, increments: [{ cell: 'm', max: -3n }] } }));
  const { keys, args } = commitCall({ bounds: storedApp(), keys: KEYS }, commits, { nowEpochMs: now, alwaysWrites: true });
  assert.equal(keys.length, 5 + 1 + 1);
  assert.ok(keys.every((key) => key.includes('{a}')));
  assert.equal(keys.at(-1), 'tradewind:{a}:key:0102030405060708');
  // Six words of bounds, two of the minute, then of each commit six, three of its increment, three of its key and three of that one's.
  assert.equal(args.length, 6 + 2 + 3 * (6 + 3 + 2 + 1 + 3));
  assert.deepEqual(args.slice(-6), [1, Buffer.from(ANN), 1, 'm', 'm', '-3']);
  assert.equal(args[5], 1);
});

test('many commits, and such that change much, go in pieces that are each short enough', () => {
  const small = Array.from({ length: 600 }, (_, n) => firstClaim(n, [{ cell: 'n', add: 1n }]));
  assert.deepEqual(piecesOf(small).map(({ length }) => length), [256, 256, 88]);
  const increments = Array.from({ length: 5_000 }, (_, i) => ({ cell: `${i}`, add: 1n }));
  const large = Array.from({ length: 4 }, (_, n) => firstClaim(n, increments, { keyed: { context: ANN, increments } }));
  assert.deepEqual(piecesOf(large).map(({ length }) => length), [1, 1, 1, 1]);
  assert.deepEqual(piecesOf([]), []);
});

test('what the script says of a commit', () => {
  assert.deepEqual([0, 1, 2, 3, 4].map(outcomeOf), [{ kind: 'applied' }, { kind: 'full', what: 'claims' }, { kind: 'full', what: 'cells' }, { kind: 'full', what: 'cell' }, { kind: 'forgotten' }]);
  assert.deepEqual([-1, -8].map(outcomeOf), [{ kind: 'outdated', generation: 0 }, { kind: 'outdated', generation: 7 }]);
  assert.deepEqual(outcomeOf(Buffer.from([0, 0, 1, 2, 9])), { kind: 'conflict', claim: { version: 258, state: Buffer.from([9]) } });
  assert.deepEqual(outcomeOf(Buffer.alloc(0)), { kind: 'conflict', claim: { version: 0, state: new Uint8Array() } });
});
