import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BaseLine } from '../../../../../frontend/batching/latency/base-line.ts';
import { Knots } from '../../../../../frontend/batching/latency/knots.ts';
import { SizeMeans } from '../../../../../frontend/batching/latency/size-means.ts';

const SECOND = 1_000_000;
const law = (rows: number) => 2000 + 100 * rows;

/** Sizes 1, 2, 4 … 64 seen `count` times each at time 0, and the line fitted. */
function seen(count: number): { means: SizeMeans; readonly sizesAt: (now: number) => number[] } {
  const base = new BaseLine();
  const means = new SizeMeans(base);
  const knots = new Knots();
  for (let rows = 1; rows <= 64; rows *= 2) for (let i = 0; i < count; i++) means.learn(rows, law(rows), 0);
  means.gather(knots, 0);
  for (let i = 0; i < 5; i++) base.fit(knots);
  return { means, sizesAt: (now) => (means.gather(knots, now), [...knots.rows.subarray(0, knots.count)]) };
}

test('a size is known by its own batches', () => {
  const { means } = seen(3);
  assert.ok(means.knows(4) && !means.knows(5));
  assert.equal(means.meanOf(4), law(4));
  assert.equal(means.batchesOf(4), 3);
});

test('one batch that is far off moves a mean no further than the clip', () => {
  const { means } = seen(9);
  means.learn(4, 1e9, 0);
  assert.ok(means.meanOf(4) < law(4) * 1.03, `${means.meanOf(4)}`);
});

test('a size that looked far too slow is suspect, is tried again after a while, and one good batch clears it', () => {
  const { means, sizesAt } = seen(4);
  means.learn(32 + 1, 500_000, 0);
  assert.ok(!means.knows(33));
  assert.ok(sizesAt(SECOND / 2).includes(33));
  assert.ok(!sizesAt(2 * SECOND).includes(33));
  means.learn(33, law(33), 2 * SECOND);
  assert.ok(means.knows(33));
  assert.equal(means.meanOf(33), law(33));
});

test('the oftener it was slow, the longer it is left alone; never for ever', () => {
  const { means, sizesAt } = seen(4);
  for (let i = 0; i < 3; i++) means.learn(33, 500_000, 0);
  assert.ok(sizesAt(10 * SECOND).includes(33));
  assert.ok(!sizesAt(20 * SECOND).includes(33));
  for (let i = 0; i < 50; i++) means.learn(33, 500_000, 0);
  assert.ok(sizesAt(500 * SECOND).includes(33));
  assert.ok(!sizesAt(700 * SECOND).includes(33));
});

test('what a size has said before it was slow does not count against it: it is tried again as soon as a new one', () => {
  const base = new BaseLine();
  const means = new SizeMeans(base);
  const knots = new Knots();
  for (let i = 0; i < 60; i++) means.learn(64, law(64), 0);
  // The pace has changed, and smaller sizes with it.
  for (const rows of [1, 2, 4, 8, 16, 32]) for (let i = 0; i < 10; i++) means.learn(rows, law(rows) / 10, SECOND);
  for (let i = 0; i < 5; i++) {
    means.gather(knots, SECOND);
    base.fit(knots);
  }
  means.gather(knots, 2 * SECOND);
  assert.ok(![...knots.rows.subarray(0, knots.count)].includes(64));
  assert.ok(!means.knows(64));
  means.learn(64, law(64) / 10, 2 * SECOND);
  assert.equal(means.meanOf(64), law(64) / 10);
});

test('one size that was slow for a while and is not any more speaks for the others that were', () => {
  const { means, sizesAt } = seen(4);
  for (const rows of [33, 34, 35, 36]) means.learn(rows, 500_000, 0);
  assert.ok(sizesAt(20 * SECOND).includes(36), 'tried as often as those below it');
  means.learn(33, law(33), 20 * SECOND);
  assert.ok([34, 35, 36].every((rows) => !sizesAt(20 * SECOND).includes(rows)));
});

test('a larger batch that is much faster drops what few batches have said of smaller ones, and only that', () => {
  const means = new SizeMeans(new BaseLine());
  means.learn(1, 50_000, 0);
  for (let i = 0; i < 4; i++) means.learn(2, 9000, 0);
  means.learn(4, 4000, 0);
  assert.equal(means.batchesOf(1), 0);
  assert.equal(means.batchesOf(2), 4);
});

test('age takes weight, down to two batches', () => {
  const { means } = seen(40);
  means.learn(4, law(4), 3600 * SECOND);
  assert.equal(means.batchesOf(4), 3);
});

test('hearsay counts until there are sizes of its own, and gives way to the first batch', () => {
  const base = new BaseLine();
  const means = new SizeMeans(base);
  const knots = new Knots();
  for (const rows of [1, 2, 4, 8, 16]) means.put([rows, 10 * law(rows), 0.5], 0);
  assert.ok(!means.knows(4));
  means.gather(knots, 0);
  assert.equal(knots.count, 5);
  for (const rows of [2, 4, 8, 16]) means.learn(rows, law(rows), 0);
  assert.equal(means.meanOf(4), law(4));
  means.gather(knots, 0);
  assert.deepEqual([...knots.rows.subarray(0, knots.count)], [2, 4, 8, 16]);
});

test('hearsay goes along with the first size that is seen', () => {
  const means = new SizeMeans(new BaseLine());
  for (const rows of [1, 2, 4]) means.put([rows, law(rows), 0.5], 0);
  means.learn(2, 3 * law(2), 0);
  assert.ok(Math.abs(means.meanOf(4) / (3 * law(4)) - 1) < 1e-9, `${means.meanOf(4)}`);
});

test('points give back what was put in; cleared, there are none', () => {
  const means = new SizeMeans(new BaseLine());
  means.put([3, 700, 4], 0);
  means.put([1, 500, 2], 0);
  assert.deepEqual(means.points(), [[1, 500, 2], [3, 700, 4]]);
  means.clear();
  assert.deepEqual(means.points(), []);
  assert.ok(!means.knows(3));
});

test('where the only size that is still seen is far under the line, the others made that line in a bad while: they are tried again', () => {
  const base = new BaseLine();
  const means = new SizeMeans(base);
  const knots = new Knots();
  const sizesAt = (now: number): readonly number[] => {
    means.gather(knots, now);
    base.fit(knots);
    return [...knots.rows.subarray(0, knots.count)];
  };
  for (const rows of [1, 2, 4, 8, 16]) for (let i = 0; i < 10; i++) means.learn(rows, 5 * law(rows), 0);
  for (let i = 0; i < 3; i++) sizesAt(0);
  // Its own mean follows by a tenth a batch at most.
  for (let i = 0; i < 300; i++) means.learn(1, law(1), 0.5 * SECOND + i);
  assert.deepEqual(sizesAt(0.6 * SECOND), [1, 2, 4, 8, 16]);
  means.learn(1, law(1), 1.5 * SECOND);
  assert.deepEqual(sizesAt(1.5 * SECOND), [1]);
  means.learn(8, law(8), 1.6 * SECOND);
  assert.ok(sizesAt(1.6 * SECOND).includes(8));
});
