import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../../../bench/load/random.ts';
import { TokenBucket } from '../../../../frontend/control/token-bucket.ts';
import { SEED, seeded } from '../../../support/random.ts';

const SECOND = 1_000_000;

test('after a rest the burst goes at once, then the rate', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 });
  assert.deepEqual([0, 0, 0, 0].map((now) => bucket.take(now)), [0, 0, 0, 100_000]);
  assert.equal(bucket.take(99_999), 1);
  assert.equal(bucket.take(100_000), 0);
  assert.equal(bucket.take(100_000), 100_000);
  assert.deepEqual([10 * SECOND, 10 * SECOND, 10 * SECOND].map((now) => bucket.take(now)), [0, 0, 0], 'no more than the burst is saved up');
  assert.ok(bucket.take(10 * SECOND) > 0);
});

test('who is refused has taken nothing, and is let in after the wait that it was told', () => {
  const bucket = new TokenBucket({ perSecond: 3, burst: 1 });
  assert.equal(bucket.take(5), 0);
  const wait = bucket.take(5);
  for (let i = 0; i < 100; i++) assert.equal(bucket.take(5), wait);
  assert.equal(bucket.take(5 + wait), 0);
});

test(seeded('in any second or longer no more pass than rate and burst allow, and who asks all the time gets the rate'), () => {
  const draw = random(SEED);
  for (let round = 0; round < 50; round++) {
    const rate = { perSecond: 1 + Math.floor(draw() * 1000), burst: 1 + Math.floor(draw() * 50) };
    const bucket = new TokenBucket(rate);
    const passed: number[] = [];
    let now = 0;
    for (; now < 3 * SECOND; now += Math.floor((draw() * 2 * SECOND) / (rate.perSecond * 4))) if (bucket.take(now) === 0) passed.push(now);
    for (let i = 0; i < passed.length; i++) {
      const from = passed[i] ?? 0;
      const within = passed.filter((at) => at >= from && at < from + SECOND).length;
      assert.ok(within <= rate.perSecond + rate.burst, `${within} in a second of ${JSON.stringify(rate)}`);
    }
    assert.ok(passed.length >= (rate.perSecond * now) / SECOND * 0.8 - 2, `${passed.length} of ${JSON.stringify(rate)}`);
  }
});

test('a rate that lets nothing through is a fault of the caller', () => {
  for (const rate of [{ perSecond: 0, burst: 1 }, { perSecond: NaN, burst: 1 }, { perSecond: 1, burst: 0 }]) assert.throws(() => new TokenBucket(rate), RangeError);
});
