import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FairShares } from '../../../../frontend/batching/fair-shares.ts';
import { makeTask } from '../../../support/batch-tasks.ts';

interface Stream { readonly app: string; readonly every: number; readonly priority?: number; readonly weight?: number; readonly sloMicros?: number }

/** Ten seconds in which each stream offers a row every so many microseconds, and `good` of all rows are answered. */
function played(streams: readonly Stream[], good: number): { shares: FairShares; tiers: Map<string, number[]> } {
  const shares = new FairShares();
  const tiers = new Map<string, number[]>();
  for (let now = 0; now < 10_000_000; now += 1_000) {
    for (const { app, every, sloMicros = 100_000, ...more } of streams) {
      if (now % every !== 0) continue;
      const task = makeTask({ sloMicros });
      const tier = shares.arrived({ ...task, query: { ...task.query, app }, ...more }, now);
      if (now > 5_000_000) tiers.set(app, [...(tiers.get(app) ?? []), tier]);
      shares.answered(good);
      shares.lost(1 - good);
    }
  }
  return { shares, tiers };
}
const share = (tiers: readonly number[] = [], tier: number) => tiers.filter((one) => one === tier).length / tiers.length;

test('without overload nobody is told apart', () => {
  const { shares, tiers } = played([{ app: 'a', every: 10_000 }, { app: 'b', every: 1_000 }], 1);
  assert.deepEqual([shares.overloaded, shares.marginalTier, shares.firmSloMicros], [false, 0, Infinity]);
  assert.deepEqual([share(tiers.get('a'), 3), share(tiers.get('b'), 3)], [1, 1]);
  assert.ok(Math.abs(shares.arrivalRate - 0.0011) < 0.0001);
});

test('a flood comes after those within their share; its surplus is none where it floods alone', () => {
  const { shares, tiers } = played([{ app: 'small', every: 10_000, sloMicros: 30_000 }, { app: 'flood', every: 1_000 }], 0.25);
  assert.ok(shares.overloaded);
  assert.deepEqual([shares.marginalTier, shares.firmSloMicros], [4, 30_000]);
  assert.deepEqual([share(tiers.get('small'), 3), share(tiers.get('flood'), 4)], [1, 1]);
});

test('of two floods, the greater has a surplus, so that what is left is alike', () => {
  const { tiers } = played([{ app: 'large', every: 1_000 }, { app: 'less', every: 4_000 }], 0.1);
  assert.equal(share(tiers.get('less'), 4), 1);
  const kept = share(tiers.get('large'), 4);
  assert.ok(kept > 0.25 && kept < 0.33, `${kept} of the large flood counts like the other's`);
});

test('equals are not told apart, however great the overload', () => {
  const { shares, tiers } = played([{ app: 'a', every: 1_000 }, { app: 'b', every: 1_000 }], 0.2);
  assert.deepEqual([shares.overloaded, shares.marginalTier], [true, 0]);
  assert.deepEqual([share(tiers.get('a'), 3), share(tiers.get('b'), 3)], [1, 1]);
});

test('weights: who asks for four times as much with four times the weight floods nobody', () => {
  const { shares } = played([{ app: 'a', every: 1_000, weight: 4 }, { app: 'b', every: 4_000, weight: 1 }], 0.5);
  assert.deepEqual([shares.overloaded, shares.marginalTier], [true, 0]);
});

test('priorities come before shares', () => {
  const { shares, tiers } = played([
    { app: 'vital', every: 10_000, priority: 0, sloMicros: 20_000 }, { app: 'plain', every: 2_000 }, { app: 'bulk', every: 1_000, priority: 2 },
  ], 0.5);
  assert.deepEqual([share(tiers.get('vital'), 0), share(tiers.get('plain'), 3), share(tiers.get('bulk'), 6)], [1, 1, 1]);
  assert.equal(shares.marginalTier, 6, 'what the others ask for can be done');
  assert.ok(Math.abs(shares.firmSloMicros - 20_000) < 1);
});

test('callers who say a priority each do not hide what their app asks for', () => {
  const flood = { app: 'flood', every: 2_000 };
  const { shares, tiers } = played([{ app: 'small', every: 20_000 }, { ...flood, priority: 1 }, { ...flood, priority: 2 }], 0.2);
  assert.equal(shares.marginalTier, 4);
  assert.deepEqual([share(tiers.get('small'), 3), share(tiers.get('flood'), 4)], [1, 0.5]);
});

test('past the most that are told apart, an app keeps its priority', () => {
  const shares = new FairShares();
  for (let i = 0; i < 300; i++) shares.arrived({ ...makeTask({}), query: { ...makeTask({}).query, app: `a${i}` }, priority: 2 }, 0);
  assert.equal(shares.arrived({ ...makeTask({}), query: { ...makeTask({}).query, app: 'vital' }, priority: 0 }, 0), 0);
});
