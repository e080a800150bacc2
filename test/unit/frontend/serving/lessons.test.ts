import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_FEEDBACK, type FeedbackSpec } from '../../../../frontend/domain/model.ts';
import { REWARD_UNITS } from '../../../../frontend/serving/feedback/reward.ts';
import { makeQuery } from '../../../support/queries.ts';
import { Road } from '../../../support/road.ts';
import { makeApp, makeModel } from '../../../support/specs.ts';

function roadOf(missReward: FeedbackSpec['missReward'], arms = ['m', 'n']): Road {
  const road = new Road([makeModel(), makeModel({ name: 'n' })], [makeApp({ arms, feedback: { ...DEFAULT_FEEDBACK, missReward } })]);
  road.replica('m@1');
  road.replica('n@1');
  return road;
}

function late(road: Road, more: Parameters<typeof makeQuery>[1] = {}): void {
  road.predict.submit(makeQuery(road.slabs, { arrivedAtMicros: road.clock.now(), sloMicros: 20_000, ...more }));
  road.clock.settle();
  road.clock.advance(20_000);
}

test('an arm that is late is charged with a reward of 0, by the decision that asked it', () => {
  const road = roadOf('zero');
  late(road);
  const [own] = road.taught;
  assert.ok(own !== undefined && REWARD_UNITS > 0);
  assert.deepEqual({ ...own, id: own.id.length, arms: own.arms.map(({ arm, units }) => [arm, units]) }, { app: 'a', id: 12, atEpochMs: 1000, row: 0, propensity: 1, arms: [['m', 0]], cause: 'miss' });
  const receipt = road.receipts.open(road.answers[0]?.decisionId ?? '');
  assert.deepEqual(Buffer.from(receipt?.id ?? []), Buffer.from(own.id));
  assert.equal(receipt?.defaulted, true);
});

test('it is left alone for a while where the app says so', () => {
  const road = roadOf('mask');
  late(road);
  assert.deepEqual(road.taught, []);
  road.predict.submit(makeQuery(road.slabs, { slot: 1, arrivedAtMicros: road.clock.now(), explain: true }));
  road.clock.advance(200_000);
  assert.equal(road.answers[1]?.ok === true && road.answers[1].explanation?.['chosen'], 'n');
});

test('it means nothing where the app says so, where there is only one arm, and where the caller chose', () => {
  for (const road of [roadOf('ignore'), roadOf('zero', ['m'])]) {
    late(road);
    assert.deepEqual(road.taught, []);
  }
  const pinned = roadOf('zero');
  late(pinned, { pin: { model: 'm' } });
  assert.deepEqual(pinned.taught, []);
});

test('a policy that reads the context learns from a miss what the caller had said', () => {
  for (const [policy, said] of [['lin-ts', { age: 7 }], ['thompson', undefined]] as const) {
    const road = new Road([makeModel(), makeModel({ name: 'n' })], [makeApp({ arms: ['m', 'n'], policy })]);
    road.replica('m@1');
    late(road, { context: { age: 7 } });
    assert.deepEqual(road.taught.map((own) => own.said), [said]);
  }
});

test('a miss is also one of the context key that asked', () => {
  const keyed = new Road([makeModel(), makeModel({ name: 'n' })], [makeApp({ arms: ['m', 'n'], contextKey: 'user' })]);
  keyed.replica('m@1');
  late(keyed, { context: { user: 'ann' } });
  late(keyed, { slot: 1 });
  const [ann, nobody] = keyed.taught;
  const receipts = keyed.answers.map((answer) => keyed.receipts.open(answer.decisionId ?? '')?.context ?? new Uint8Array());
  assert.deepEqual(Buffer.from(ann?.context ?? []), Buffer.from(receipts[0] ?? []));
  assert.equal(ann?.context?.length, 8);
  assert.equal(nobody?.context, undefined);
});
