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
  assert.deepEqual([shares.overloaded, shares.marginalTier, shares.firmSloMicros], [false, undefined, Infinity]);
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
  assert.deepEqual([shares.overloaded, shares.marginalTier], [true, undefined]);
  assert.deepEqual([share(tiers.get('a'), 3), share(tiers.get('b'), 3)], [1, 1]);
});

test('weights: who asks for four times as much with four times the weight floods nobody', () => {
  const { shares } = played([{ app: 'a', every: 1_000, weight: 4 }, { app: 'b', every: 4_000, weight: 1 }], 0.5);
  assert.deepEqual([shares.overloaded, shares.marginalTier], [true, undefined]);
});

test('priorities come before shares', () => {
  const { shares, tiers } = played([
    { app: 'vital', every: 10_000, priority: 0, sloMicros: 20_000 }, { app: 'plain', every: 2_000 }, { app: 'bulk', every: 1_000, priority: 2 },
  ], 0.5);
  assert.deepEqual([share(tiers.get('vital'), 0), share(tiers.get('plain'), 3), share(tiers.get('bulk'), 6)], [1, 1, 1]);
  assert.equal(shares.marginalTier, 6, 'what the others ask for can be done');
  assert.ok(Math.abs(shares.firmSloMicros - 20_000) < 1);
});

test('who alone has the first priority and asks for more than there is still comes before all others', () => {
  const { shares, tiers } = played([{ app: 'vital', every: 2_000, priority: 0 }, { app: 'bulk', every: 1_000, priority: 2 }], 0.2);
  assert.deepEqual([shares.overloaded, shares.marginalTier, shares.firmSloMicros], [true, 0, Infinity]);
  assert.deepEqual([share(tiers.get('vital'), 0), share(tiers.get('bulk'), 6)], [1, 1]);
});

test('of a flood in tasks of one row and of many, the surplus is dealt out by rows', () => {
  const shares = new FairShares();
  const dealt: (readonly [count: number, tier: number])[] = [];
  for (let now = 0; now < 20_000_000; now += 4_000) {
    // Nine to four: half of it is surplus, and every other task has one row.
    for (const [app, count] of [['less', 4], ['large', now % 8_000 === 0 ? 1 : 17]] as const) {
      const task = makeTask({ count });
      const tier = shares.arrived({ ...task, query: { ...task.query, app } }, now);
      if (app === 'large' && now > 15_000_000) dealt.push([count, tier]);
      shares.answered(0.1 * count);
      shares.lost(0.9 * count);
    }
  }
  const rowsOf = (wanted?: number): number => dealt.reduce((sum, [count, tier]) => sum + (wanted === undefined || tier === wanted ? count : 0), 0);
  const surplus = rowsOf(5) / rowsOf();
  assert.ok(surplus > 0.4 && surplus < 0.6, `a surplus of ${surplus}`);
  let ahead = 0, most = 0;
  for (const [count, tier] of dealt) most = Math.max(most, Math.abs((ahead += (tier === 5 ? 1 : 0) * count - surplus * count)));
  assert.ok(most < 3 * 17, `${most} rows more or less than its share of those that came`);
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

test('time is short as soon as rows that had come in are let go, and not for what was refused or late; one lost by chance is none', () => {
  const short = (every: { lapsed?: number; lost?: number }, perSecond = 1_000) => {
    const shares = new FairShares();
    for (let i = 1; i < 10 * perSecond; i++) {
      shares.arrived(makeTask({ sloMicros: 100_000 }), (i * 1e6) / perSecond);
      if (i % (every.lapsed ?? Infinity) === 0) shares.lapsed(1);
      if (i % (every.lost ?? Infinity) === 0) shares.lost(1);
    }
    return [shares.isShort, shares.overloaded];
  };
  assert.deepEqual(short({ lapsed: 100 }), [true, false]);
  assert.deepEqual(short({ lost: 3 }), [false, true]);
  assert.deepEqual(short({ lapsed: 2_000 }), [false, false]);
  assert.deepEqual(short({ lapsed: 100 }, 100), [false, false], 'two rows in two seconds');
  assert.deepEqual(short({ lapsed: 3 }, 100), [true, true]);
});
