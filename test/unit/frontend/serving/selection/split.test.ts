import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameRecord, type DesiredState } from '../../../../../frontend/domain/model.ts';
import { drawVersion, splitLuck } from '../../../../../frontend/serving/selection/split.ts';
import type { FakeReplica } from '../../../../support/fake-replica.ts';
import { makeQuery } from '../../../../support/queries.ts';
import { Road } from '../../../../support/road.ts';
import { desiredOf, makeApp, makeModel } from '../../../../support/specs.ts';

const key = Uint32Array.of(1, 2, 3, 4);

function idOf(n: number): Uint8Array {
  return Buffer.from(n.toString(16).padStart(24, '0'), 'hex');
}

/** Two versions of `m`, the second the canary, split so. */
function splitRoad(split: Readonly<Record<string, number>>, app: Parameters<typeof makeApp>[0] = {}): Road & { readonly canary: FakeReplica; readonly stable: FakeReplica } {
  const wanted: DesiredState = { ...desiredOf([makeModel(), makeModel({ version: 2 })], [makeApp({ contextKey: 'user', ...app })], { m: { stable: 1, canary: 2 } }), rules: nameRecord([['m', { split }]]) };
  const road = new Road([], []);
  road.apply(wanted);
  const [stable, canary] = [road.replica('m@1', 'r1'), road.replica('m@2', 'r2')];
  stable.credits = canary.credits = 10_000;
  return Object.assign(road, { stable, canary });
}

test('luck is uniform, of the decision, or of the context key: then the same for the same user', () => {
  const lucks = Array.from({ length: 4000 }, (_, n) => splitLuck({ key, id: idOf(n) }));
  assert.ok(Math.abs(lucks.filter((luck) => luck < 0.05).length / 4000 - 0.05) < 0.012);
  const context = Buffer.from('12345678');
  assert.equal(splitLuck({ key, id: idOf(1), context }), splitLuck({ key, id: idOf(2), context }));
  assert.notEqual(splitLuck({ key, id: idOf(1), context }), splitLuck({ key: Uint32Array.of(1, 2, 3, 5), id: idOf(1), context }));
});

test('an arm that is not split keeps its target, and the luck', () => {
  assert.deepEqual(drawVersion({}, 0.3), { luck: 0.3 });
});

test('queries that name no version go to each by its weight, and the record says the share that was drawn by', () => {
  const road = splitRoad({ stable: 80, canary: 20 }, { journal: { keep: true, required: false, maxAgeMs: 1e9, maxBytes: 1e9 } });
  const rows = { stable: 0, canary: 0 };
  for (let i = 0; i < 1000; i++) {
    road.predict.submit(makeQuery(road.slabs, { slot: i, arrivedAtMicros: road.clock.now() }));
    road.clock.settle();
  }
  road.clock.advance(200_000);
  for (const { asked: [first] } of road.decisions) rows[first?.version === 2 ? 'canary' : 'stable']++;
  assert.equal(rows.stable + rows.canary, 1000);
  assert.ok(Math.abs(rows.canary - 200) < 50, `${rows.canary} of 1000`);
  for (const { asked: [first], propensity } of road.decisions) assert.deepEqual([first?.share, propensity], [first?.version === 2 ? 0.2 : 0.8, 1]);
});

test('a user stays with a version, and those of a small canary are in a larger one', () => {
  const versionsOf = (split: Readonly<Record<string, number>>): number[] => {
    const road = splitRoad(split);
    return Array.from({ length: 200 }, (_, user) => {
      const context = { user: `u${user % 50}` };
      road.predict.submit(makeQuery(road.slabs, { slot: user, arrivedAtMicros: road.clock.now(), context, explain: true }));
      road.clock.advance(200_000);
      const answer = road.answers.at(-1);
      const share = answer?.ok === true ? answer.explanation?.['share'] : undefined;
      return share === undefined ? 0 : share === (split['canary'] ?? 0) / 100 ? 2 : 1;
    });
  };
  const small = versionsOf({ stable: 90, canary: 10 });
  const large = versionsOf({ stable: 60, canary: 40 });
  for (const versions of [small, large]) versions.forEach((version, i) => assert.equal(version, versions[i % 50]));
  small.forEach((version, i) => assert.ok(version === 1 || large[i] === 2, 'a canary of 10 % is one at 40 %'));
  assert.ok(small.includes(2) && large.includes(1));
});

function rowsSent({ sent }: FakeReplica): number {
  return sent.reduce((sum, { batch }) => sum + batch.rows, 0);
}

test('a version without a replica gets nothing; an arm that names a label is not split', () => {
  const ask = (road: Road): void => {
    for (let i = 0; i < 40; i++) road.predict.submit(makeQuery(road.slabs, { slot: i, arrivedAtMicros: road.clock.now() }));
    road.clock.settle();
  };
  const road = splitRoad({ stable: 50, canary: 50 });
  road.directory.gone('m@2', road.canary);
  ask(road);
  assert.deepEqual([rowsSent(road.stable), rowsSent(road.canary)], [40, 0]);
  const named = splitRoad({ stable: 50, canary: 50 }, { arms: ['m@canary'] });
  ask(named);
  assert.deepEqual([rowsSent(named.stable), rowsSent(named.canary)], [0, 40]);
});
