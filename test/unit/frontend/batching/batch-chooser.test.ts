import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchChooser, type Asking } from '../../../../frontend/batching/batch-chooser.ts';
import type { Plan, Situation } from '../../../../frontend/batching/controller.ts';
import { DeadlineQueue } from '../../../../frontend/batching/deadline-queue.ts';
import { FairShares } from '../../../../frontend/batching/fair-shares.ts';
import { makeTask, type TestTask } from '../../../support/batch-tasks.ts';
import { exactLaw } from '../../../support/exact-law.ts';

/** 1 ms and 0.1 ms a row. */
const LAW = exactLaw((rows) => 1_000 + 100 * rows);
const ASKING: Asking = { now: 0, replica: { id: 'r', maxBatch: Infinity }, mostRows: Infinity, law: LAW, replicas: 1, othersIdle: false, goodRate: 0, wakeLateMicros: 0, quickest: 1, isShort: false, complete: false };

/** A queue of rows with these deadlines and tiers, and who chooses from it. `flooded`: an app is within its share, another floods. */
function world(rows: readonly (readonly [deadline: number, tier: number])[], decide: (situation: Situation) => number | Plan, more: { flooded?: boolean; maxDelayMicros?: number; allowedRows?: readonly number[] } = {}) {
  const queue = new DeadlineQueue<TestTask>({ maxLanes: 4 });
  for (const [deadlineAtMicros, tier] of rows) queue.push(makeTask({ name: `${deadlineAtMicros}`, deadlineAtMicros }), tier);
  const shares = new FairShares();
  for (let now = 0; more.flooded === true && now < 2_000_000; now += 1_000) {
    for (const app of now % 10_000 === 0 ? ['small', 'flood'] : ['flood']) shares.arrived({ ...makeTask({ sloMicros: 4_000 }), query: { ...makeTask({ sloMicros: 4_000 }).query, app } }, now);
    shares.answered(0.3);
    shares.lost(0.7);
  }
  const chooser = new BatchChooser({ controller: { decide, observe: () => undefined }, queue, shares, maxDelayMicros: more.maxDelayMicros ?? 0, allowedRows: more.allowedRows ?? [] });
  return { queue, chooser, take: (asking: Partial<Asking> = {}) => queue.takeBatch(chooser.choose({ ...ASKING, ...asking })).map(({ task }) => task.name) };
}

test('a size alone leaves out whom a batch of that size makes late', () => {
  const { chooser, take } = world([[1_150, 0], [1_350, 0], [1_400, 0], [1_500, 0]], () => 3);
  assert.deepEqual(chooser.choose(ASKING), { rows: 3, from: 1_350, byTier: false, until: 0, letGoBefore: 1_350, allowedRows: 3 });
  assert.deepEqual(take(), ['1350', '1400', '1500']);
});

test('where another replica could take them, those are let go only that no replica could serve', () => {
  const { chooser } = world([[1_150, 0], [1_350, 0], [1_400, 0], [1_500, 0]], () => ({ rows: 3, from: 1_300 }));
  assert.equal(chooser.choose({ ...ASKING, replicas: 2, quickest: 0.5 }).letGoBefore, 550);
  assert.equal(chooser.choose(ASKING).letGoBefore, 1_300);
});

test('a delay ends where the head would come late', () => {
  const { chooser } = world([[2_000, 0]], () => 8, { maxDelayMicros: 5_000 });
  assert.equal(chooser.choose(ASKING).until, 2_000 - 1_200);
  assert.equal(chooser.choose({ ...ASKING, wakeLateMicros: 300 }).until, 2_000 - 1_200 - 300);
});

test('a delay ends, or does not begin, where everybody is here', () => {
  const { chooser } = world([[50_000, 0]], () => 8, { maxDelayMicros: 5_000 });
  assert.equal(chooser.choose(ASKING).until, 5_000);
  assert.equal(chooser.choose({ ...ASKING, complete: true }).until, 0);
});

test('beside a flood, firm rows are planned for, and the flood fills what makes none of them late', () => {
  const seen: number[] = [];
  const plan = ({ waiting, now, law }: Situation) => {
    seen.push(waiting.rows);
    return { rows: waiting.rows, from: now + law.meanMicros(waiting.rows) };
  };
  const { take } = world([[1_500, 3], ...Array.from({ length: 20 }, (_, i) => [1_300 + 50 * i, 4] as const)], plan, { flooded: true });
  const taken = take();
  assert.deepEqual(seen, [1]);
  assert.deepEqual(taken, ['1500', '1500', '1550', '1600', '1650'], 'five are done in 1.5 ms, when the firm row must be');
});

test('with no firm row waiting, batches stay short enough for one that comes', () => {
  const { chooser } = world(Array.from({ length: 50 }, (_, i) => [4_000 + i, 4] as const), ({ mostRows }) => ({ rows: mostRows, from: 0 }), { flooded: true });
  assert.equal(chooser.choose(ASKING).rows, 10, '2 ms of the 4 that a firm row has');
});

test('a size alone is cut short for a firm row that may come, too', () => {
  const { chooser } = world(Array.from({ length: 50 }, (_, i) => [40_000 + i, 4] as const), () => 64, { flooded: true });
  assert.equal(chooser.choose(ASKING).rows, 10, '2 ms of the 4 that a firm row has');
});

test('what fills a batch beside firm rows makes it no larger than the controller allows', () => {
  const { chooser, take } = world([[1_500, 3], ...Array.from({ length: 20 }, (_, i) => [1_300 + 50 * i, 4] as const)], () => 3, { flooded: true });
  assert.deepEqual([chooser.choose(ASKING).rows, chooser.choose(ASKING).allowedRows], [3, 3]);
  assert.deepEqual(take(), ['1500', '1500', '1550']);
});

test('rows that are alike go in a size that is allowed, though more of them could just make it', () => {
  // Eight take 1.8 ms, six 1.6, four 1.4.
  const { chooser } = world(Array.from({ length: 8 }, () => [1_650, 0] as const), () => 8, { allowedRows: [4, 8] });
  assert.equal(chooser.choose(ASKING).rows, 4);
});

test('what fills a batch beside firm rows keeps to most rows too', () => {
  const plan = ({ waiting, now, law }: Situation) => ({ rows: waiting.rows, from: now + law.meanMicros(waiting.rows) });
  const { take } = world([[1_500, 3], ...Array.from({ length: 20 }, (_, i) => [1_300 + 50 * i, 4] as const)], plan, { flooded: true });
  assert.equal(take({ mostRows: 2 }).length, 2);
});

test('a batch of most rows is not held back: no more can come to it', () => {
  const { chooser } = world([[50_000, 0], [50_000, 0]], ({ now }) => ({ rows: 2, from: now }), { maxDelayMicros: 5_000 });
  assert.equal(chooser.choose({ ...ASKING, mostRows: 2 }).until, 0);
  assert.equal(chooser.choose({ ...ASKING, mostRows: 3 }).until, 5_000);
});

test('time is short for rows that are all there is: nobody may be left to stand behind a batch that is held', () => {
  const seen = (rows: readonly (readonly [number, number])[], asking: Partial<Asking>, flooded = false) => {
    const short: boolean[] = [];
    const { chooser } = world(rows, ({ now, isShort }) => (short.push(isShort), { rows: 1, from: now }), { flooded });
    chooser.choose({ ...ASKING, ...asking });
    return short;
  };
  assert.deepEqual(seen([[50_000, 3], [60_000, 3]], { isShort: true }), [true]);
  assert.deepEqual(seen([[50_000, 3], [60_000, 3]], {}), [false]);
  assert.deepEqual(seen([[50_000, 3], [60_000, 5]], { isShort: true }, true), [false], 'a later tier');
  const { queue, chooser } = world([[50_000, 0]], ({ now, isShort }) => ({ rows: isShort ? 0 : 1, from: now }));
  assert.equal(chooser.choose({ ...ASKING, isShort: true }).rows, 0);
  queue.push({ ...makeTask({ deadlineAtMicros: 60_000, batchKey: 'another' }) }, 0);
  assert.equal(chooser.choose({ ...ASKING, isShort: true }).rows, 1, 'another lane');
});
