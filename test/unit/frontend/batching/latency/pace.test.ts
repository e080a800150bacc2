import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from '../../../../../frontend/batching/latency/pace.ts';

/** What a replica that is `slowness` times as slow as the law shows. */
const ratio = (pace: Pace, slowness: number) => slowness / pace.factor;

test('a change of the whole replica is found within three batches and measured within twenty', () => {
  for (const slowness of [2, 0.5, 3, 10]) {
    const pace = new Pace(1);
    for (let i = 0; i < 100; i++) assert.ok(pace.observe(ratio(pace, 1)));
    for (let i = 0; i < 3; i++) pace.observe(ratio(pace, slowness));
    assert.ok(Math.abs(pace.factor / slowness - 1) < 0.05, `${slowness}: ${pace.factor} after 3`);
    for (let i = 0; i < 17; i++) pace.observe(ratio(pace, slowness));
    assert.ok(Math.abs(pace.factor / slowness - 1) < 0.01, `${slowness}: ${pace.factor} after 20`);
  }
});

test('one pause is no change', () => {
  const pace = new Pace(1);
  for (let i = 0; i < 100; i++) pace.observe(ratio(pace, i % 25 === 24 ? 50 : 1));
  assert.ok(Math.abs(pace.factor - 1) < 0.01, `${pace.factor}`);
});

test('a pause among batches that are a little too slow does not say by how much they are', () => {
  for (const [before, after] of [[0, 2], [1, 1], [2, 0]] as const) {
    const pace = new Pace(1);
    for (let i = 0; i < 100; i++) pace.observe(ratio(pace, 1));
    for (let i = 0; i < before; i++) pace.observe(ratio(pace, 1.2));
    pace.observe(ratio(pace, 50));
    for (let i = 0; i < after; i++) pace.observe(ratio(pace, 1.2));
    assert.ok(pace.factor > 1.1 && pace.factor < 1.25, `${pace.factor}`);
  }
});

test('noise of 30 % is no change', () => {
  const pace = new Pace(1);
  let seed = 7;
  for (let i = 0; i < 5000; i++) {
    seed = (seed * 48_271) % 2_147_483_647;
    pace.observe(ratio(pace, 0.7 + (0.6 * seed) / 2_147_483_647));
    if (i > 50) assert.ok(Math.abs(pace.factor - 1) < 0.12, `${pace.factor} at ${i}`);
  }
});

test('while it settles, a batch says nothing else', () => {
  const pace = new Pace(1);
  for (let i = 0; i < 50; i++) pace.observe(1);
  while (pace.factor < 1.5) pace.observe(ratio(pace, 2));
  let settling = 0;
  while (!pace.observe(ratio(pace, 2))) settling++;
  assert.equal(settling, 16);
});

test('one batch that is far off is taken for itself, a second in a row is not', () => {
  const pace = new Pace(1);
  for (let i = 0; i < 50; i++) pace.observe(1);
  assert.deepEqual([pace.observe(2), pace.observe(2), pace.observe(1)], [true, false, true]);
});

test('a slow drift is followed without an alarm', () => {
  const pace = new Pace(1);
  let slowness = 1;
  for (let i = 0; i < 2000; i++) pace.observe(ratio(pace, (slowness *= 1.00003)));
  assert.ok(Math.abs(pace.factor / slowness - 1) < 0.02, `${pace.factor} of ${slowness}`);
});

test('a doubted pace meets the batch half way', () => {
  const pace = new Pace(4);
  pace.meetHalfWay(0.5);
  assert.equal(pace.factor, 3);
});

test('the factor stays a number whatever comes', () => {
  const pace = new Pace(1);
  for (const slowness of [1e12, 1e-12, 1e12, 1]) for (let i = 0; i < 200; i++) pace.observe(slowness);
  assert.ok(pace.factor >= 1e-6 && pace.factor <= 1e6);
});
