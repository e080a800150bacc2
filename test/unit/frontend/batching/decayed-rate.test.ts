import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecayedRate } from '../../../../frontend/batching/decayed-rate.ts';

test('a young rate is the plain mean; an old one follows what comes', () => {
  const rate = new DecayedRate({ memoryMicros: 1_000 });
  assert.equal(rate.perMicro, 0);
  rate.add(5);
  assert.equal(rate.perMicro, 0, 'counted with the fold');
  rate.fold(10);
  assert.equal(rate.perMicro, 0.5);
  for (let i = 0; i < 10_000; i++) {
    rate.add(2);
    rate.fold(10);
  }
  assert.ok(Math.abs(rate.perMicro - 0.2) < 1e-3);
  rate.fold(100_000);
  assert.ok(rate.perMicro < 1e-3);
});

test('after a long silence it is as soon what comes as after a short one', () => {
  for (const silence of [10_000, 10_000_000]) {
    const rate = new DecayedRate({ memoryMicros: 1_000 });
    rate.add(1);
    rate.fold(10);
    rate.fold(silence);
    for (let i = 0; i < 100; i++) {
      rate.add(2);
      rate.fold(10);
    }
    assert.ok(Math.abs(rate.perMicro - 0.2 * (1 - Math.exp(-1))) < 1e-3, `${rate.perMicro} after ${silence} µs`);
  }
});

test('where no time has passed nothing is folded', () => {
  const rate = new DecayedRate({ memoryMicros: 1_000 });
  rate.add(1);
  rate.fold(0);
  assert.equal(rate.perMicro, 0);
  rate.fold(10);
  assert.equal(rate.perMicro, 0.1);
});
