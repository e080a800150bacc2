import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArmMask, PENALTY_MICROS } from '../../../../../frontend/serving/selection/arm-mask.ts';

function maskOf(arms: readonly { healthy: boolean; lone: number }[]): { mask: ArmMask; lone: number[] } {
  const mask = new ArmMask();
  const lone = arms.map(({ lone }) => lone);
  mask.renew(arms.map(({ healthy }, i) => ({ healthy, loneMicros: () => lone[i] ?? 0 })));
  return { mask, lone };
}

test('arms without a replica are left out; where there is none, nobody is asked', () => {
  assert.deepEqual(maskOf([{ healthy: true, lone: 0 }, { healthy: false, lone: 0 }]).mask.of(1000, 0), [true, false]);
  assert.equal(maskOf([{ healthy: false, lone: 0 }]).mask.of(1000, 0), undefined);
});

test('the same mask is the same object', () => {
  const { mask } = maskOf([{ healthy: true, lone: 0 }, { healthy: true, lone: 5000 }]);
  assert.equal(mask.of(9000, 0), mask.of(8000, 1));
  mask.of(2000, 2);
  assert.equal(mask.of(1000, 3), mask.of(2000, 4));
});

test('a policy that writes to the mask it is given closes no arm', () => {
  const { mask } = maskOf([{ healthy: true, lone: 0 }, { healthy: true, lone: 5000 }]);
  mask.of(1000, 0);
  for (const given of [mask.of(9000, 1), mask.of(1000, 1)] as boolean[][]) assert.throws(() => { given[0] = false; }, TypeError);
  assert.deepEqual(mask.of(9000, 2), [true, true]);
});

test('an arm whose latency does not fit the objective is left out, but for a probe now and then', () => {
  const { mask, lone } = maskOf([{ healthy: true, lone: 100 }, { healthy: true, lone: 5000 }]);
  assert.deepEqual(mask.of(1000, 0), [true, true], 'the first one is a probe');
  assert.deepEqual(mask.of(1000, 1), [true, false]);
  assert.deepEqual(mask.of(6000, 2), [true, true], 'it fits a longer objective');
  assert.deepEqual(mask.of(1000, 100_001), [true, true], 'probed again');
  assert.deepEqual(mask.of(1000, 200_002), [true, false], 'the gap doubles');
  lone[1] = 500;
  assert.deepEqual(mask.of(1000, 300_100), [true, true], 'what it learns is seen');
});

test('who only looks takes no probe from a query', () => {
  const { mask } = maskOf([{ healthy: true, lone: 100 }, { healthy: true, lone: 5000 }]);
  assert.deepEqual(mask.shown(1000, 0), [true, false]);
  assert.deepEqual(mask.of(1000, 1), [true, true]);
});

test('where no latency fits, arms are asked all the same', () => {
  const { mask } = maskOf([{ healthy: true, lone: 5000 }, { healthy: false, lone: 0 }]);
  mask.of(1000, 0);
  assert.deepEqual(mask.of(1000, 1), [true, false]);
});

test('an arm that is penalised is left out for a while, unless it is the only one', () => {
  const { mask } = maskOf([{ healthy: true, lone: 0 }, { healthy: true, lone: 0 }]);
  mask.penalise(0, 10);
  assert.deepEqual(mask.of(1000, 11), [false, true]);
  mask.penalise(1, 12);
  assert.deepEqual(mask.of(1000, 13), [true, true]);
  assert.deepEqual(mask.of(1000, 12 + PENALTY_MICROS), [true, true]);
});
