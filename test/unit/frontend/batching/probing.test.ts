import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Probing } from '../../../../frontend/batching/probing.ts';

/** When probes go, if one is asked for each 10 ms over `spanMicros`. */
function probesAt(probing: Probing, spanMicros: number, serviceMicros: number): number[] {
  const times: number[] = [];
  for (let now = 0; now <= spanMicros; now += 10_000) if (probing.take(now, serviceMicros)) times.push(now);
  return times;
}

test('the first probe goes at once, the next after gaps that double to five seconds', () => {
  const ms = probesAt(new Probing(), 17_000_000, 40_000).map((micros) => micros / 1000);
  assert.deepEqual(ms, [0, 100, 300, 700, 1500, 3100, 6300, 11_300, 16_300]);
});

test('probes of a slow model take a twentieth of a replica at most', () => {
  const times = probesAt(new Probing(), 1_000_000_000, 2_000_000);
  assert.equal((times.at(-1) ?? 0) - (times.at(-2) ?? 0), 40_000_000);
});

test('one that was in time lets the next go at once', () => {
  const probing = new Probing();
  assert.ok(probing.take(0, 1));
  assert.ok(!probing.take(50_000, 1));
  probing.succeeded(50_000);
  assert.ok(probing.take(50_000, 1));
  assert.ok(!probing.take(149_999, 1));
  assert.ok(probing.take(150_000, 1));
});

test('where none is needed, the first waits for the shortest gap', () => {
  const probing = new Probing();
  for (const now of [0, 100_000, 200_000, 300_000]) probing.take(now, 1);
  probing.putOff(1_000_000);
  assert.deepEqual(probesAt(probing, 2_000_000, 1).map((micros) => micros / 1000), [1_100, 1_200, 1_400, 1_800]);
});

test('who has more time than all who were hopeless begins anew; who has less, or as much, does not', () => {
  const probing = new Probing();
  const asked = (now: number, leftMicros: number): boolean => probing.take(now * 1000, 30_000, leftMicros);
  assert.deepEqual([0, 100, 300, 700, 1500].map((now) => asked(now, 10_000)), [true, true, true, true, true]);
  assert.ok(!asked(1600, 10_000));
  assert.deepEqual([asked(1600, 20_000), asked(1601, 20_000), asked(1650, 10_000), asked(1700, 20_000)], [true, false, false, true]);
});

test('once the estimate has come down, a task for which it is too long again begins anew, one that it was too long for all the while does not', () => {
  const probing = new Probing();
  for (const now of [0, 100, 300, 700, 1500]) assert.ok(probing.take(now * 1000, 30_000, 20_000));
  probing.estimated(12_000);
  probing.estimated(30_000);
  assert.ok(!probing.take(1_600_000, 30_000, 12_000), 'it was hopeless all the while');
  assert.ok(probing.take(1_600_000, 30_000, 20_000));
});
