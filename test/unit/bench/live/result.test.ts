import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liveTable, liveTables, misses, pointOf, reachesBars } from '../../../../bench/live/result.ts';

const sample = (good: number, late = 0, round = 0) => ({
  round, offered: 1000, good, late, oracle: 800, meanBatchRows: 4, reasons: {}, lateByGenerator: 0, latest: [], p99Micros: 1, latenessP99Micros: 1, brokerMicrosPerAnswer: 1,
});
const point = (controller: string, good: number, { load = 1.2, late = 0 } = {}) => pointOf({ controller, load, ratePerSecond: 10 }, [sample(good, late, 0), sample(good, late, 1)]);

test('shares are of all that was offered in all rounds', () => {
  const both = pointOf({ controller: 'ours', load: 2, ratePerSecond: 10 }, [sample(700, 1), sample(780, 0)]);
  assert.equal(both.goodShare, 0.74);
  assert.equal(both.ofOracle, 0.925);
  assert.equal(both.lateShare, 0.0005);
});

test('late answers are told as a share of what was offered, and of those that were late or in time', () => {
  const one = pointOf({ controller: 'ours', load: 4, ratePerSecond: 10 }, [sample(249, 1)]);
  assert.equal(one.lateShare, 0.001);
  assert.equal(one.lateOfModelShare, 0.004);
  // The bar is on the former.
  assert.ok(!misses(one, []).join().includes('late'));
  assert.equal(pointOf({ controller: 'ours', load: 4, ratePerSecond: 10 }, [sample(0)]).lateOfModelShare, undefined);
});

test('a result without the newer shares and parts has a table without them', () => {
  const workload = (points: readonly ReturnType<typeof point>[]) => ({ name: 'w', title: 'w', sloMs: 10, law: { microsPerRow: 1, microsPerBatch: 1, sizes: [] }, capacityPerSecond: 1, points, refused: [] });
  const { lateOfModelShare, ...before } = point('ours', 760);
  const [old = []] = liveTable({ ours: 'ours', workloads: [workload([before])] });
  const [heads = [], row = []] = liveTable({ ours: 'ours', workloads: [workload([{ ...before, lateOfModelShare: lateOfModelShare ?? 1 }])] });
  assert.equal(heads.length, row.length);
  assert.deepEqual(heads.filter((head) => !old.includes(head)), ['late of model’s']);
  assert.equal(liveTables({ ours: 'ours', workloads: [workload([before])] }).length, 1);
});

test('replicas that miss their bar make the result miss', () => {
  const replicas = { name: 'replicas', title: 'w', controller: 'ours', capacityPerSecond: 1, points: [], refused: [] };
  assert.equal(reachesBars({ ours: 'ours', workloads: [], replicas: { ...replicas, ratio: { value: 4 } } }), true);
  assert.equal(reachesBars({ ours: 'ours', workloads: [], replicas: { ...replicas, ratio: { value: 3.9 } } }), false);
  assert.deepEqual(liveTables({ ours: 'ours', workloads: [], replicas }).map(([[first = ''] = []]) => first), ['replicas of w']);
});

test('a point that reaches its bars misses nothing', () => {
  assert.deepEqual(misses(point('ours', 760), [point('ours', 760), point('theirs', 767), point('theirs', 800, { load: 2 })]), []);
});

test('too little of the oracle, too far behind another at the same load, too many late: each is said', () => {
  const missed = misses(point('ours', 700, { late: 2 }), [point('theirs', 720)]);
  assert.equal(missed.length, 3);
  assert.match(missed.join(), /87\.5 % of the oracle.*2\.5 % behind theirs.*0\.20 % late/);
});

test('how sure it is that another does better is said by the rounds that both have', () => {
  const ours = pointOf({ controller: 'ours', load: 2, ratePerSecond: 10 }, [sample(720, 0, 0), sample(736, 0, 1), sample(100, 0, 2)]);
  const theirs = pointOf({ controller: 'theirs', load: 2, ratePerSecond: 10 }, [sample(760, 0, 1), sample(760, 0, 0)]);
  // 5 and 3 % behind: 4 ± 1.
  assert.match(misses(ours, [theirs]).join(), /behind theirs \(± 1\.0 % by the rounds\)/);
  assert.match(misses(pointOf({ controller: 'ours', load: 2, ratePerSecond: 10 }, [sample(720)]), [theirs]).join(), /behind theirs$/);
});

test('more than the oracle can do shows that the law was measured wrong', () => {
  assert.match(misses(point('ours', 900), []).join(), /faster than when its law was measured/);
});

test('where the oracle itself has none in time there is no share of it, and that is said', () => {
  const none = pointOf({ controller: 'ours', load: 2, ratePerSecond: 10 }, [{ ...sample(5), oracle: 0 }]);
  assert.deepEqual(misses(none, [point('theirs', 700, { load: 2 })]), ['the oracle has none in time']);
  const row = liveTable({ ours: 'ours', workloads: [{ name: 'w', title: 'w', sloMs: 10, law: { microsPerRow: 1, microsPerBatch: 1, sizes: [] }, capacityPerSecond: 1, points: [none], refused: [] }] })[1];
  assert.doesNotMatch((row ?? []).join(), /Infinity|NaN/);
});
