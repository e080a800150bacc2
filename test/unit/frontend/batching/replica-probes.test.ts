import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplicaProbes } from '../../../../frontend/batching/replica-probes.ts';

test('each replica is tried once it has gone without for a tenth of a second, by its own gaps', () => {
  const probes = new ReplicaProbes();
  assert.deepEqual([0, 99_999, 100_000, 150_000, 200_000].map((now) => probes.take('a', now, 1)), [false, false, true, false, true]);
  assert.equal(probes.take('b', 200_000, 1), false);
  probes.worked('a', 500_000);
  assert.deepEqual([probes.take('a', 599_999, 1), probes.take('a', 600_000, 1), probes.take('b', 300_000, 1)], [false, true, true]);
});

test('a probe that was in time lets the next go; a replica that is gone begins anew', () => {
  const probes = new ReplicaProbes();
  for (const now of [0, 100_000]) probes.take('a', now, 1);
  probes.succeeded('a', 120_000);
  assert.equal(probes.take('a', 120_000, 1), true);
  probes.forget('a');
  assert.deepEqual([probes.take('a', 900_000, 1), probes.take('a', 1_000_000, 1)], [false, true]);
});
