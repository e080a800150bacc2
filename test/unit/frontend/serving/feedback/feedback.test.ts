import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePolicy } from '../../../../../selection-policies/catalog.ts';
import { fixed } from '../../../../../selection-policies/cells.ts';
import { Receipts } from '../../../../../frontend/serving/decisions/receipt.ts';
import { countingPolicy } from '../../../../support/counting-policy.ts';
import { EPOCH_MS, FeedbackWorld } from '../../../../support/feedback-world.ts';
import { makeApp } from '../../../../support/specs.ts';

const UNITS = 2n ** 20n;
const LATEST = BigInt(EPOCH_MS) * 1000n;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a reward is counted once, for the arm that the receipt names', async () => {
  const world = await FeedbackWorld.make();
  const decisionId = world.decide({ action: 1 });
  assert.deepEqual(await world.words({ decisionId, reward: 0.5 }, { decisionId, reward: 1 }), ['accepted', 'repeated']);
  assert.deepEqual(await world.words({ decisionId, reward: 0.5 }), ['repeated']);
  assert.deepEqual(world.cells, { latest: LATEST, 'n/y': 1n, 'r/y': UNITS / 2n });
  assert.equal(world.meter.value('tradewind_feedback_total', { app: 'a', verdict: 'accepted' }), 1);
  assert.equal(world.meter.value('tradewind_feedback_total', { app: 'a', verdict: 'repeated' }), 2);
  assert.equal(world.feedback.open, 0);
});

test('who may not give feedback to the app is told so, after a forged id and before anything is stored', async () => {
  const world = await FeedbackWorld.make();
  const shown: (string | undefined)[] = [];
  world.access = { refusal: (_spec, authorization) => {
    shown.push(authorization);
    return authorization === 'good' ? undefined : { code: 'rate_limited', message: 'Slower.', retryAfterMs: 70 };
  } };
  const decisionId = world.decide();
  assert.deepEqual(await world.settled(world.feedback.give([{ decisionId, reward: 1 }], 'bad')), [{ kind: 'refused', code: 'rate_limited', message: 'Slower.', retryAfterMs: 70 }]);
  assert.deepEqual(await world.settled(world.feedback.give([{ decisionId: 'x', reward: 1 }], 'bad')), [{ kind: 'refused', code: 'unknown_decision' }]);
  assert.deepEqual(await world.settled(world.feedback.give([{ decisionId, reward: 1 }], 'good')), [{ kind: 'accepted' }]);
  assert.deepEqual(shown, ['bad', 'good']);
});

test('what arrives in one turn is committed together, and the next group gathers meanwhile', async () => {
  const world = await FeedbackWorld.make();
  const gives = Array.from({ length: 50 }, () => world.feedback.give([{ decisionId: world.decide(), reward: 1 }]));
  await world.settled(Promise.all(gives));
  assert.deepEqual(world.store.groups, [50]);
});

test('decision ids: truncated, forged, of a retired key, of nobody, of the future, of a row that there is not', async () => {
  const world = await FeedbackWorld.make();
  const good = world.decide();
  const forged = `${good.slice(0, 40)}${good[40] === 'A' ? 'B' : 'A'}${good.slice(41)}`;
  const otherKey = new Receipts([{ number: 9, secret: new Uint8Array(32).fill(1) }]).sign(world.receipt());
  const cases: [string, string][] = [
    [good.slice(0, -1), 'unknown_decision'], ['', 'unknown_decision'], [forged, 'forged_decision'], [otherKey, 'retired_key'],
    [world.decide({ app: new Uint8Array(8).fill(3) }), 'unknown_decision'], [world.decide({ atEpochMs: EPOCH_MS + 61_000 }), 'future_decision'],
    [`${good}.1`, 'unknown_decision'], [`${good}.00`, 'unknown_decision'], [world.decide({ rows: 3 }), 'invalid_field'],
    [world.decide({ atEpochMs: EPOCH_MS - 86_400_001 }), 'feedback_late'],
  ];
  for (const [decisionId, code] of cases) assert.deepEqual(await world.words({ decisionId, reward: 1 }), [code], code);
  assert.deepEqual(world.cells, {});
  assert.deepEqual(await world.words({ decisionId: `${good}.0`, reward: 1 }, { decisionId: world.decide({ atEpochMs: EPOCH_MS - 86_400_000 }), reward: 1 }), ['accepted', 'accepted']);
});

test('rows of one decision are rewarded one by one', async () => {
  const world = await FeedbackWorld.make();
  const decisionId = world.decide({ rows: 3 });
  assert.deepEqual(await world.words({ decisionId: `${decisionId}.0`, reward: 1 }, { decisionId: `${decisionId}.2`, reward: 0 }, { decisionId: `${decisionId}.2`, reward: 1 }), ['accepted', 'accepted', 'repeated']);
  assert.deepEqual(world.cells, { latest: LATEST, 'n/x': 2n, 'r/x': UNITS });
});

test('a retired key verifies for as long as it is held', async () => {
  const world = await FeedbackWorld.make();
  const rotated = new Receipts([{ number: 1, secret: new Uint8Array(32).fill(7) }, { number: 2, secret: new Uint8Array(32).fill(8) }]);
  assert.notEqual(typeof rotated.read(world.decide()), 'string');
  assert.equal(world.receipts.read(rotated.sign(world.receipt())), 'retired_key');
});

test('rewards that are none are refused, and 0 is 0 whatever its sign', async () => {
  const world = await FeedbackWorld.make();
  for (const reward of [Number.NaN, Number.POSITIVE_INFINITY, -0.001, 1.001, '1', null, true, [1], {}]) {
    assert.deepEqual(await world.words({ decisionId: world.decide(), reward }), ['invalid_reward'], JSON.stringify(reward));
  }
  assert.deepEqual(await world.words({ decisionId: world.decide(), value: 3 }), ['invalid_reward']);
  assert.deepEqual(await world.words({ decisionId: world.decide(), reward: -0 }), ['accepted']);
  assert.deepEqual(world.cells, { latest: LATEST, 'n/x': 1n });
});

test('pinned queries and default answers are kept, and credited to nobody', async () => {
  const world = await FeedbackWorld.make();
  for (const more of [{ pinned: true }, { defaulted: true }, { propensity: 0 }]) {
    const decisionId = world.decide(more);
    assert.deepEqual(await world.words({ decisionId, reward: 1 }, { decisionId, reward: 1 }), ['not_teachable', 'repeated']);
  }
  assert.deepEqual(world.cells, {});
  assert.equal(world.store.claims.size, 3);
});

test('of many rows, what became of one that got the default is credited to nobody; a label is held against all that answered', async () => {
  const world = await FeedbackWorld.make({ aggregation: 'last' });
  const decisionId = world.recorded({ rows: 3, asked: [{ arm: 'x', version: 1, outputs: [7, null, 7] }], defaults: [1] }, { rows: 3, partly: true });
  assert.deepEqual(await world.words({ decisionId: `${decisionId}.0`, reward: 1 }, { decisionId: `${decisionId}.1`, reward: 1 }, { decisionId: `${decisionId}.2`, label: 7 }), ['accepted', 'not_teachable', 'accepted']);
  assert.equal(world.cells['n/x'], 2n);
  const unsure = world.recorded({ rows: 2, asked: [{ arm: 'x', version: 1, outputs: [7, 7] }], joint: { outputs: [7, 7], confidences: [0.2, 1] }, defaults: [0] }, { rows: 2, partly: true });
  assert.deepEqual(await world.words({ decisionId: `${unsure}.0`, reward: 1 }, { decisionId: `${unsure}.1`, label: 7 }), ['not_teachable', 'accepted']);
  const unrecorded = world.decide({ rows: 2, partly: true });
  assert.deepEqual(await world.words({ decisionId: `${unrecorded}.0`, reward: 1 }), ['not_teachable'], 'nobody knows whose answer it was');
  assert.equal(world.cells['n/x'], 3n);
});

test('what the broker rewards by itself has the context of its query, where the policy reads it', async () => {
  const seen: unknown[] = [];
  const policy = { ...countingPolicy, contextual: true, contribution: (event: Parameters<typeof countingPolicy.contribution>[0]) => (seen.push(event.context), []) };
  const world = await FeedbackWorld.make({}, { policy });
  const own = { app: 'a', atEpochMs: EPOCH_MS, row: 0, propensity: 0.5, arms: [{ arm: 'x', units: 0 }], cause: 'miss' } as const;
  await world.settled(world.feedback.giveOwn({ ...own, id: world.receipt().id, said: { age: 7 } }));
  await world.settled(world.feedback.giveOwn({ ...own, id: world.receipt().id }));
  assert.deepEqual(seen, [{ age: 7 }, undefined]);
});

test('what a model decided by its own name teaches no app, and the answer says so', async () => {
  const world = await FeedbackWorld.make();
  const decisionId = world.decide({ app: new Uint8Array(8), pinned: true, ofModel: true });
  const loads = world.store.loads;
  assert.deepEqual(await world.words({ decisionId, reward: 1 }, { decisionId, label: 7 }), ['not_an_app', 'not_an_app']);
  assert.deepEqual(await world.feedback.find(decisionId), { refusal: { kind: 'refused', code: 'not_an_app' } });
  assert.equal(world.store.loads, loads, 'no other broker is asked whose it may be');
  assert.equal(world.meter.value('tradewind_feedback_total', { app: '', verdict: 'not_an_app' }), 2);
});

test('while learning is frozen rewards are kept and teach nothing, the broker\'s own too', async () => {
  const world = await FeedbackWorld.make();
  world.app = { spec: world.app?.spec ?? assert.fail(), policy: countingPolicy, frozen: true };
  const { id, atEpochMs } = world.receipt();
  assert.deepEqual(await world.words({ decisionId: world.decide(), reward: 1 }), ['not_teachable']);
  assert.equal(await world.settled(world.feedback.giveOwn({ app: 'a', id, atEpochMs, row: 0, propensity: 0.5, arms: [{ arm: 'x', units: 0 }], cause: 'miss' })), true);
  assert.deepEqual(world.cells, {});
  assert.equal(world.store.claims.size, 2);
});

test('a reward that teaches nobody leaves what others of its decision have taught, though their record is gone', async () => {
  const policy = makePolicy('lin-ts', { features: ['age'] });
  const world = await FeedbackWorld.make({ aggregation: 'last' }, { policy });
  const decisionId = world.recorded({ context: { age: 1 } });
  assert.deepEqual(await world.words({ decisionId, reward: 1, id: 'one' }), ['accepted']);
  const taught = world.cells;
  assert.ok(Object.keys(taught).some((cell) => cell.includes('age')));
  world.store.journal.length = 0;
  world.clock.advance(120_000_000);
  assert.deepEqual(await world.words({ decisionId, reward: 0, id: 'two' }), ['not_teachable']);
  assert.deepEqual(world.cells, taught);
});

test('while learning is frozen, what was taught before stays as it was', async () => {
  const world = await FeedbackWorld.make({ aggregation: 'last' });
  const spec = world.app?.spec ?? assert.fail();
  const decisionId = world.decide();
  await world.give({ decisionId, reward: 1 });
  const taught = world.cells;
  world.app = { spec, policy: { ...countingPolicy, contribution: () => [] }, frozen: true };
  await world.give({ decisionId, reward: 0 });
  assert.deepEqual(world.cells, taught);
});

test('a label beside a reward of nobody, in one turn, is reckoned by the record of the decision', async () => {
  const world = await FeedbackWorld.make({ aggregation: 'last' });
  const decisionId = world.recorded({ joint: { outputs: [7], confidences: [0.9] } }, { defaulted: true });
  assert.deepEqual(await world.words({ decisionId, reward: 1 }, { decisionId, label: 7 }), ['not_teachable', 'accepted']);
  assert.equal(world.cells['/confidence/18/n'], 1n);
});

test('under each aggregation the cells are what the rewards together come to, in any order', async () => {
  const rewards = [0.25, 1, 0.5, 0.75];
  const expected = { first: undefined, last: undefined, sum: 1, mean: 0.625, max: 1, min: 0.25 } as const;
  for (const aggregation of ['first', 'last', 'sum', 'mean', 'max', 'min'] as const) {
    for (const order of [[0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]]) {
      const world = await FeedbackWorld.make({ aggregation });
      const decisionId = world.decide();
      const items = order.map((i) => ({ decisionId, reward: rewards[i] ?? 0, id: `r${i}` }));
      // Half of them one by one, half together, and all of them again.
      for (const item of items.slice(0, 2)) await world.give(item);
      await world.give(...items.slice(2));
      assert.deepEqual(new Set(await world.words(...items)), new Set(['repeated']));
      const want = expected[aggregation] ?? rewards[order.at(aggregation === 'first' ? 0 : -1) ?? 0] ?? 0;
      assert.deepEqual(world.cells, { latest: LATEST, 'n/x': 1n, 'r/x': BigInt(want * 2 ** 20) }, `${aggregation} ${order.join()}`);
    }
  }
});

test('sum and mean need an id, and a decision has room for so many', async () => {
  for (const aggregation of ['sum', 'mean'] as const) {
    const world = await FeedbackWorld.make({ aggregation });
    const decisionId = world.decide();
    assert.deepEqual(await world.words({ decisionId, reward: 0 }), ['invalid_field']);
    const many = Array.from({ length: 70 }, (_, i) => ({ decisionId, reward: 0, id: `${i}` }));
    const words = await world.words(...many);
    assert.deepEqual([words.filter((word) => word === 'accepted').length, words.filter((word) => word === 'invalid_field').length], [64, 6]);
  }
});

test('without ids, the same reward again changes nothing under last, max and min', async () => {
  const world = await FeedbackWorld.make({ aggregation: 'last' });
  const decisionId = world.decide();
  for (const reward of [0.5, 0.25, 0.25]) assert.deepEqual(await world.words({ decisionId, reward }), ['accepted']);
  assert.deepEqual(world.cells, { latest: LATEST, 'n/x': 1n, 'r/x': UNITS / 4n });
});

test('values are taken within their range, sums of them from nothing', async () => {
  const world = await FeedbackWorld.make({ aggregation: 'sum', value: { min: -10, max: 30, direction: 'higher' } });
  const decisionId = world.decide();
  assert.deepEqual(await world.words({ decisionId, value: 5, id: 'a' }, { decisionId, value: -3, id: 'b' }, { decisionId, value: 31, id: 'c' }), ['accepted', 'accepted', 'invalid_reward']);
  // (2 - -10) / 40
  assert.equal(world.cells['r/x'], BigInt(Math.round(0.3 * 2 ** 20)));
  const lower = await FeedbackWorld.make({ value: { min: 0, max: 10, direction: 'lower' } });
  await lower.give({ decisionId: lower.decide(), value: 2.5 });
  assert.equal(lower.cells['r/x'], 3n * UNITS / 4n);
});

test('a label rewards each arm that answered by its own output', async () => {
  const world = await FeedbackWorld.make({}, { spec: { output: 'label' } });
  const asked = [{ arm: 'x', version: 1, outputs: [7, 'cat'] }, { arm: 'y', version: 2, outputs: [8, 'dog'] }, { arm: 'gone', version: 1, outputs: [7, 'cat'] }];
  const decisionId = world.recorded({ asked, rows: 2 }, { rows: 2, action: 9 });
  assert.deepEqual(await world.words({ decisionId: `${decisionId}.0`, label: 8 }, { decisionId: `${decisionId}.1`, label: 'cat' }, { decisionId: `${decisionId}.1`, label: 'dog' }), ['accepted', 'accepted', 'repeated']);
  assert.deepEqual(world.cells, { latest: LATEST, 'n/x': 2n, 'n/y': 2n, 'r/x': UNITS, 'r/y': UNITS });
  assert.deepEqual(await world.words({ decisionId: world.decide(), label: 8 }), ['label_unavailable']);
  assert.deepEqual(await world.words({ decisionId: world.decide(), label: Number.NaN }), ['invalid_reward']);
});

test('a label that is quicker than the record of its decision waits for it', async () => {
  const world = await FeedbackWorld.make({}, { spec: { output: 'label' } });
  // A group of the app is on its way to the disk, and the store is heard of before the turn ends in which the answer was given.
  let written = (): void => undefined;
  const commit = world.store.commit.bind(world.store);
  world.store.commit = async (...of) => {
    await new Promise<void>((resolve) => { written = resolve; });
    return commit(...of);
  };
  const before = world.feedback.give([{ decisionId: world.decide(), reward: 1 }]);
  world.clock.settle();
  await turn();
  const label = world.feedback.give([{ decisionId: world.recording(), label: 7 }]);
  world.store.commit = commit;
  written();
  await before;
  await turn();
  assert.equal(world.store.journal.length, 0, 'the turn is not over');
  assert.deepEqual(await world.settled(label), [{ kind: 'accepted' }]);
});

test('a record that another broker may still be writing is waited for by coming again; what has not come in a minute is lost', async () => {
  const world = await FeedbackWorld.make({}, { spec: { output: 'label' } });
  const [kept, dropped] = (['kept', 'dropped'] as const).map((journal) => world.decide({ journal, action: 9 }));
  assert.ok(kept !== undefined && dropped !== undefined);
  const both = [{ decisionId: kept, label: 7 }, { decisionId: dropped, label: 7 }];
  assert.deepEqual(await world.words(...both), ['feedback_unavailable', 'label_unavailable']);
  assert.deepEqual(await world.words({ decisionId: kept, reward: 1 }, { decisionId: world.decide({ journal: 'kept' }), reward: 1 }), ['feedback_unavailable', 'accepted'], 'where the receipt says whose it is, nobody waits');
  world.clock.advance(60_000_000);
  assert.deepEqual(await world.words(...both), ['label_unavailable', 'label_unavailable']);
});

test('a label of a value is worth less the further the output is from it', async () => {
  const world = await FeedbackWorld.make({ labelScale: 4 }, { spec: { output: 'value' } });
  const decisionId = world.recorded({ asked: [{ arm: 'x', version: 1, outputs: [10] }, { arm: 'y', version: 1, outputs: [99] }] });
  assert.deepEqual(await world.words({ decisionId, label: 11 }), ['accepted']);
  assert.deepEqual([world.cells['r/x'], world.cells['r/y'], world.cells['n/y']], [3n * UNITS / 4n, undefined, 1n]);
});

test('when arms change, open decisions are credited by the name that they had; who is gone learns nothing', async () => {
  const world = await FeedbackWorld.make();
  const [ofX, ofY] = [world.decide({ action: 0 }), world.decide({ action: 1 })];
  world.app = { spec: makeApp({ arms: ['z', 'y'], feedback: world.app?.spec.feedback ?? assert.fail() }), policy: countingPolicy };
  await world.serve();
  assert.deepEqual(await world.words({ decisionId: ofX, reward: 1 }, { decisionId: ofY, reward: 1 }), ['not_teachable', 'accepted']);
  assert.deepEqual(world.cells, { latest: LATEST, 'n/y': 1n, 'r/y': UNITS });
  const ofOld = world.decide();
  world.app = undefined;
  assert.deepEqual(await world.words({ decisionId: ofOld, reward: 1 }), ['unknown_app']);
});

test('a definition that another broker has stored is asked for, at most once a second', async () => {
  const world = await FeedbackWorld.make();
  const fingerprint = new Uint8Array(8).fill(5);
  const decisionId = world.decide({ app: fingerprint, action: 1 });
  assert.deepEqual(await world.words({ decisionId, reward: 1 }), ['unknown_decision']);
  world.store.revisions.push({ fingerprint, app: 'a', arms: ['x', 'y'] });
  assert.deepEqual(await world.words({ decisionId, reward: 1 }), ['unknown_decision']);
  world.clock.advance(1_000_000);
  assert.deepEqual(await world.words({ decisionId, reward: 1 }), ['accepted']);
});

test('a policy that throws, or wants more than cells can hold, is reported; the reward is kept and teaches nobody', async () => {
  for (const contribution of [() => { throw new Error('broken'); }, () => [{ cell: 'n', add: 2n ** 80n }]]) {
    const world = await FeedbackWorld.make({}, { policy: { ...countingPolicy, contribution } });
    const decisionId = world.decide();
    assert.deepEqual(await world.words({ decisionId, reward: 1 }, { decisionId, reward: 1 }), ['not_teachable', 'repeated']);
    assert.equal(world.meter.value('tradewind_policy_faults_total', { app: 'a' }), 1);
    assert.deepEqual(world.cells, {});
  }
});

test('a policy that takes none of a stream of rewards is counted each time, and logged once a second', async () => {
  const world = await FeedbackWorld.make({}, { policy: { ...countingPolicy, contribution: () => { throw new Error('broken'); } } });
  const logs = (): number => world.logged.filter((message) => /could not take a reward/u.test(message)).length;
  for (let i = 0; i < 5; i++) await world.give({ decisionId: world.decide(), reward: 1 });
  assert.deepEqual([logs(), world.meter.value('tradewind_policy_faults_total', { app: 'a' })], [1, 5]);
  world.clock.advance(1_000_000);
  await world.give({ decisionId: world.decide(), reward: 1 });
  assert.equal(logs(), 2);
});

test('a store that fails refuses what waits, counts it, logs it once, and takes it when it is back', async () => {
  const world = await FeedbackWorld.make();
  const items = [{ decisionId: world.decide(), reward: 1 }, { decisionId: world.decide(), reward: 1 }];
  for (const [trouble, code] of [['gone', 'feedback_unavailable'], ['unreachable', 'feedback_unavailable'], ['full', 'feedback_full']] as const) {
    world.store.trouble = trouble;
    assert.deepEqual(await world.words(...items), [code, code]);
    assert.equal(world.meter.value('tradewind_store_faults_total', { trouble }), 1);
  }
  assert.equal(world.logged.length, 1);
  world.store.trouble = undefined;
  assert.deepEqual(await world.words(...items), ['accepted', 'accepted']);
  world.store.full = 'claims';
  assert.deepEqual(await world.words({ decisionId: world.decide(), reward: 1 }), ['feedback_full']);
});

test('past the bound nothing more waits', async () => {
  const world = await FeedbackWorld.make({}, { maxOpen: 2 });
  const decisionIds = [world.decide(), world.decide(), world.decide()];
  assert.deepEqual(await world.words(...decisionIds.map((decisionId) => ({ decisionId, reward: 1 }))), ['feedback_overloaded', 'feedback_overloaded', 'feedback_overloaded']);
  assert.deepEqual(await world.words(...decisionIds.slice(1).map((decisionId) => ({ decisionId, reward: 1 }))), ['accepted', 'accepted']);
});

test('a miss counts where nothing was said, and once', async () => {
  const world = await FeedbackWorld.make();
  const { id, atEpochMs } = world.receipt();
  const miss = { app: 'a', id, atEpochMs, row: 0, propensity: 0.5, arms: [{ arm: 'y', units: 0 }], cause: 'miss' } as const;
  assert.deepEqual(await world.settled(Promise.all([world.feedback.giveOwn(miss), world.feedback.giveOwn(miss)])), [true, true]);
  assert.deepEqual(world.cells, { latest: LATEST, 'n/y': 1n });
  assert.equal(world.meter.value('tradewind_feedback_own_total', { app: 'a', cause: 'miss' }), 1);
  assert.equal(await world.feedback.giveOwn({ ...miss, app: 'nobody' }), true);
  world.store.trouble = 'slow';
  assert.equal(await world.settled(world.feedback.giveOwn(miss)), false);
});

test('misses of many rows leave callers half of the room', async () => {
  const world = await FeedbackWorld.make({}, { maxOpen: 10 });
  const { id, atEpochMs } = world.receipt({ rows: 100 });
  const missed = Array.from({ length: 100 }, (_, row) => world.feedback.giveOwn({ app: 'a', id, atEpochMs, row, propensity: 0.5, arms: [{ arm: 'x', units: 0 }], cause: 'miss' }));
  const callers = Array.from({ length: 5 }, () => ({ decisionId: world.decide(), reward: 1 }));
  assert.deepEqual(await world.words(...callers), callers.map(() => 'accepted'));
  assert.equal((await world.settled(Promise.all(missed))).filter((isSettled) => isSettled).length, 5);
  const own = (cause: string): number => world.meter.value('tradewind_feedback_own_total', { app: 'a', cause });
  assert.deepEqual([own('miss'), own('dropped')], [5, 95]);
  assert.equal(await world.settled(world.feedback.giveOwn({ app: 'a', id, atEpochMs, row: 50, propensity: 0.5, arms: [{ arm: 'x', units: 0 }], cause: 'miss' })), true, 'there is room again');
});

test('stamps are those of the first reward', async () => {
  const stamped: (number | undefined)[] = [];
  let stamp = 40;
  const policy = { ...countingPolicy, stamp: () => stamp++, contribution: (event: Parameters<typeof countingPolicy.contribution>[0]) => {
    stamped.push(...event.rewards.map((reward) => reward.stamp));
    return [{ cell: `s${event.rewards[0]?.stamp ?? ''}`, add: 1n }];
  } };
  const world = await FeedbackWorld.make({ aggregation: 'last' }, { policy });
  const decisionId = world.decide();
  await world.give({ decisionId, reward: 1 });
  await world.give({ decisionId, reward: 0 });
  assert.deepEqual(world.cells, { s40: 1n });
  assert.equal(stamped.at(-1), 40);
});

test('a decision is found by its id, with its record where there is one', async () => {
  const world = await FeedbackWorld.make();
  const found = await world.settled(world.feedback.find(world.recorded()));
  assert.ok('receipt' in found);
  assert.deepEqual([found.app, found.receipt.propensity, found.decision?.asked], ['a', 0.5, [{ arm: 'x', version: 1, outputs: [7] }]]);
  const bare = await world.settled(world.feedback.find(world.decide()));
  assert.ok('receipt' in bare && bare.decision === undefined);
  assert.deepEqual(await world.settled(world.feedback.find('nothing')), { refusal: { kind: 'refused', code: 'unknown_decision' } });
});

test('a reward counts for the context key that its receipt names, where the app learns by key', async () => {
  const ann = Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9);
  for (const [spec, expected] of [[{ policy: 'thompson', contextKey: 'user' }, 2n], [{ policy: 'thompson' }, undefined], [{ policy: 'weighted', contextKey: 'user' }, undefined]] as const) {
    const world = await FeedbackWorld.make({}, { spec });
    assert.deepEqual(await world.words({ decisionId: world.decide({ context: ann }), reward: 1 }, { decisionId: world.decide(), reward: 1 }), ['accepted', 'accepted']);
    await world.settled(world.feedback.giveOwn({ app: 'a', id: world.receipt().id, atEpochMs: EPOCH_MS, row: 0, propensity: 1, arms: [{ arm: 'x', units: 0 }], cause: 'miss', context: ann }));
    assert.equal(world.cells['n/x'], 3n);
    assert.equal((await world.store.readKeys('a', [ann]))[0]?.get('n/x'), expected);
  }
});

test('a late correction takes nothing from a context key that was forgotten meanwhile, whether it has begun anew or not', async () => {
  const ann = Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9);
  const world = await FeedbackWorld.make({ aggregation: 'last' }, { spec: { policy: 'thompson', contextKey: 'user' } });
  const sumOf = async (): Promise<unknown> => (await world.store.readKeys('a', [ann]))[0]?.get('r/x');
  const decisionIds = [0, 1].map(() => world.decide({ context: ann }));
  const give = async (reward: number, ...ids: readonly string[]): Promise<void> => {
    world.clock.advance(1_000_000);
    assert.deepEqual(await world.words(...ids.map((decisionId) => ({ decisionId, reward }))), ids.map(() => 'accepted'));
  };
  await give(1, ...decisionIds);
  await give(0.5, ...decisionIds);
  assert.equal(await sumOf(), fixed(1), 'it is there still');
  await world.store.removeKey('a', ann, 'all');
  await give(0, ...decisionIds.slice(0, 1));
  assert.equal(await sumOf(), undefined);
  const later = world.decide({ context: ann });
  await give(1, later);
  await give(0, ...decisionIds);
  assert.equal(await sumOf(), fixed(1), 'what was forgotten is not to be taken back');
  await give(0.25, later);
  assert.equal(await sumOf(), fixed(0.25), 'what came after it is');
  assert.deepEqual([world.cells['n/x'], world.cells['r/x']], [3n, fixed(0.25)], 'the app forgot nothing');
});
