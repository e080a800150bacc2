import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Aggregation } from '../../../../../frontend/domain/model.ts';
import { decodeClaim, earned, encodeClaim, fold, MOST_IDS, NEW_CLAIM, type ClaimState, type Reward } from '../../../../../frontend/serving/feedback/claim.ts';
import { REWARD_UNITS } from '../../../../../frontend/serving/feedback/reward.ts';
import { SEED, seeded } from '../../../../support/random.ts';

function foldAll(rewards: readonly Reward[], aggregation: Aggregation): ClaimState | undefined {
  let state: ClaimState | undefined;
  for (const reward of rewards) {
    const folded = fold(state, reward, aggregation);
    if (folded.kind === 'taken') ({ state } = folded);
  }
  return state;
}

test(seeded('duplicates and order change nothing under sum, mean, max and min; the result is in [0, 1]'), () => {
  const rewards = fc.uniqueArray(fc.record({ id: fc.string({ minLength: 1, maxLength: 3 }), units: fc.integer({ min: 0, max: REWARD_UNITS }) }), { selector: ({ id }) => id, minLength: 1, maxLength: 12 });
  fc.assert(fc.property(rewards, fc.constantFrom('sum', 'mean', 'max', 'min'), fc.integer({ min: 0, max: REWARD_UNITS }), fc.infiniteStream(fc.nat()), (given, aggregation, zero, order) => {
    const asRewards = given.map(({ id, units }): Reward => ({ id, arms: [{ arm: 'x', units }] }));
    const shuffled = [...asRewards, ...asRewards].map((reward) => ({ reward, at: order.next().value })).toSorted((a, b) => a.at - b.at).map(({ reward }) => reward);
    const [once, again] = [foldAll(asRewards, aggregation), foldAll(shuffled, aggregation)];
    assert.ok(once !== undefined && again !== undefined);
    assert.deepEqual(earned(again, aggregation, { zeroUnits: zero, ofKey: false }), earned(once, aggregation, { zeroUnits: zero, ofKey: false }));
    const reward = earned(once, aggregation, { zeroUnits: zero, ofKey: false })[0]?.reward ?? -1;
    assert.ok(reward >= 0 && reward <= 1);
  }), { seed: SEED });
});

test('the first one closes under first; what counts only first comes too late after another', () => {
  const reward: Reward = { arms: [{ arm: 'x', units: 5 }] };
  const first = foldAll([reward], 'first');
  assert.ok(first?.closed);
  assert.equal(fold(first, reward, 'first').kind, 'repeated');
  assert.equal(fold(first, reward, 'last').kind, 'repeated', 'also where the app has changed its mind');
  assert.equal(fold(foldAll([reward], 'last'), { ...reward, onlyFirst: true }, 'last').kind, 'repeated');
  assert.equal(fold(undefined, { ...reward, onlyFirst: true }, 'last').kind, 'taken');
});

test('the app and the context key are told the same, each with its own stamp', () => {
  const state = foldAll([{ id: 'a', arms: [{ arm: 'x', units: REWARD_UNITS, stamp: 3, keyStamp: 8 }] }, { id: 'b', arms: [{ arm: 'x', units: 0, stamp: 4, keyStamp: 9 }] }], 'mean');
  assert.ok(state !== undefined);
  assert.deepEqual([false, true].map((ofKey) => earned(state, 'mean', { zeroUnits: 0, ofKey })), [[{ arm: 'x', reward: 0.5, stamp: 3 }], [{ arm: 'x', reward: 0.5, stamp: 8 }]]);
});

test('ids are bounded', () => {
  const state = foldAll(Array.from({ length: MOST_IDS }, (_, i): Reward => ({ id: `${i}`, arms: [] })), 'sum');
  assert.equal(fold(state, { id: 'one more', arms: [] }, 'sum').kind, 'full');
  assert.equal(fold(state, { id: '3', arms: [] }, 'sum').kind, 'repeated');
});

test('stored and read again it is the same, but for maxima, which nobody takes back', () => {
  const state: ClaimState = {
    ...NEW_CLAIM, ids: ['é', 'b'], tallies: [{ arm: 'x', stamp: undefined, keyStamp: undefined, count: 2, sum: 7, first: 3, last: 4, min: 3, max: 4 }, { arm: 'y', stamp: 0, keyStamp: undefined, count: 1, sum: 1, first: 1, last: 1, min: 1, max: 1 }],
    applied: [{ cell: 'n', add: 2n ** 62n }, { cell: 's', add: -5n }, { cell: 'm', max: 3n }],
  };
  assert.deepEqual(decodeClaim(encodeClaim(state)), { ...state, applied: state.applied.slice(0, 2) });
  const keyed: ClaimState = { ...state, applied: [], tallies: state.tallies.map((tally, i) => ({ ...tally, keyStamp: i === 0 ? 2 ** 40 : undefined })), keyApplied: [{ cell: 'k', add: -9n }] };
  assert.deepEqual(decodeClaim(encodeClaim(keyed)), keyed);
  for (const one of [{ ...state, applied: [] }, keyed]) assert.deepEqual(decodeClaim(encodeClaim({ ...one, generation: 3 })), { ...one, generation: 3 });
  assert.deepEqual(decodeClaim(encodeClaim({ ...keyed, keyedAtEpochMicros: 1_790_000_000_000_123 })), { ...keyed, keyedAtEpochMicros: 1_790_000_000_000_123 });
  const closed = encodeClaim({ ...state, closed: true });
  assert.equal(closed.length, 0);
  assert.equal(decodeClaim(closed).closed, true);
});
