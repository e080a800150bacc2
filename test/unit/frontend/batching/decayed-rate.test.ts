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
