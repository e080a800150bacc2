import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceTime } from '../../../../frontend/batching/service-time.ts';

const MS = 1000;

/** Feeds `count` batches of each size under a law, a batch each 10 ms from `from` on; returns when it ended. */
function feed(time: ServiceTime, sizes: readonly number[], law: (rows: number) => number, count = 8, from = 0): number {
  let now = from;
  for (let i = 0; i < count; i++) for (const rows of sizes) time.observe(rows, law(rows), (now += 10 * MS));
  return now;
}
const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-6 * expected + 1e-6, `${actual}, expected ${expected}`);

test('nothing is known before the first batch', () => {
  assert.equal(new ServiceTime().meanMicros(8), 0);
  assert.equal(new ServiceTime().p99Micros(8), 0);
});

test('a linear law is found again between the sizes seen, whatever they are in their bucket, and beyond them', () => {
  const time = new ServiceTime();
  const law = (rows: number) => 2 * MS * rows + 20 * MS;
  feed(time, [1, 3, 6, 13], law);
  for (const rows of [1, 2, 3, 4, 5, 6, 9, 13, 20, 64]) near(time.meanMicros(rows), law(rows));
});

test('from one size alone the mean is a hopeful guess and the p99 a careful one', () => {
  const time = new ServiceTime();
  feed(time, [4], () => 8 * MS);
  assert.deepEqual([1, 4, 16].map((rows) => time.meanMicros(rows)), [8 * MS, 8 * MS, 8 * MS]);
  assert.deepEqual([1, 4, 16].map((rows) => time.p99Micros(rows)), [8 * MS, 8 * MS, 32 * MS]);
});

test('a guess below the sizes seen is neither below proportion nor above the smallest', () => {
  const steep = new ServiceTime();
  feed(steep, [8, 16], (rows) => rows * rows * MS);
  near(steep.meanMicros(1), 8 * MS);
  const falling = new ServiceTime();
  feed(falling, [8, 16], (rows) => (32 - rows) * MS);
  near(falling.meanMicros(1), 24 * MS);
  near(falling.meanMicros(32), 16 * MS);
});

test('a cold first batch is forgotten with the next one', () => {
  const time = new ServiceTime();
  time.observe(1, 2_000 * MS, 0);
  time.observe(1, 2 * MS, 3_000 * MS);
  assert.ok(time.meanMicros(1) <= 8 * MS, `${time.meanMicros(1)}`);
});

test('one pause among many batches moves the mean by a tenth at most, and the p99 not at all once 128 others stand beside it', () => {
  const time = new ServiceTime();
  const now = feed(time, [4], () => 2 * MS, 150);
  time.observe(4, 500 * MS, now);
  assert.ok(time.meanMicros(4) < 2.2 * MS);
  near(time.p99Micros(4), 2 * MS);
  time.observe(4, 400 * MS, now);
  near(time.p99Micros(4), 400 * MS);
});

test('a drift is followed', () => {
  const time = new ServiceTime();
  const now = feed(time, [4], () => 2 * MS, 100);
  feed(time, [4], () => 6 * MS, 150, now);
  near(Math.round(time.meanMicros(4) / 100), 60);
  near(time.p99Micros(4), 6 * MS);
});

test('the p99 is the second largest of the last 128 batches', () => {
  const time = new ServiceTime();
  for (let i = 1; i <= 200; i++) time.observe(2, i, i);
  assert.equal(time.p99Micros(2), 199);
  for (let i = 0; i < 128; i++) time.observe(2, 10 + (i % 3), 300 + i);
  assert.equal(time.p99Micros(2), 12);
});

test('a size that has not been seen for half a minute gives way to fresher ones', () => {
  const time = new ServiceTime();
  time.observe(128, 900 * MS, 0);
  const now = feed(time, [1, 4], (rows) => rows * MS, 10, 20_000 * MS);
  assert.ok(time.meanMicros(128) > 300 * MS);
  feed(time, [1, 4], (rows) => rows * MS, 1, now + 15_000 * MS);
  near(time.meanMicros(128), 128 * MS);
  time.observe(128, 100 * MS, now + 16_000 * MS);
  assert.ok(time.meanMicros(128) < 130 * MS, `the stale value came back: ${time.meanMicros(128)}`);
});

test('a doubted mean meets the next batch half way', () => {
  const time = new ServiceTime();
  const now = feed(time, [1], () => 40 * MS, 40);
  time.doubt(1);
  time.observe(1, 20 * MS, now);
  near(time.meanMicros(1), 30 * MS);
});

test('most batches stay within the mean and twice the mean deviation', () => {
  const time = new ServiceTime();
  feed(time, [4], () => 8 * MS, 40);
  assert.equal(time.likelyMicros(4), 8 * MS);
  let now = 1_000 * MS;
  for (let i = 0; i < 200; i++) time.observe(4, (i % 2 === 0 ? 7 : 9) * MS, (now += 10 * MS));
  assert.ok(Math.abs(time.likelyMicros(4) - 10 * MS) < 0.2 * MS, `${time.likelyMicros(4)}`);
});
