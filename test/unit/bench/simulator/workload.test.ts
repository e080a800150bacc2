import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capacityOf, plainScenario, type Scenario } from '../../../../bench/simulator/scenario.ts';
import { queries, workloadOf } from '../../../../bench/simulator/workload.ts';

const PLAIN = plainScenario({ alphaMs: 0.1, betaMs: 2 }, 20);

test('the same seed gives the same workload, another another', () => {
  const options = { load: 1, seed: 7, arrivals: 100 };
  assert.deepEqual(workloadOf(PLAIN, options), workloadOf(PLAIN, options));
  assert.notDeepEqual(workloadOf(PLAIN, options), workloadOf(PLAIN, { ...options, seed: 8 }));
});

test('the load is a multiple of capacity', () => {
  const { arrivalsMicros } = workloadOf(PLAIN, { load: 2, seed: 1, arrivals: 32_000 });
  const seconds = (arrivalsMicros.at(-1) ?? 0) / 1e6;
  assert.ok(Math.abs(32_000 / seconds / capacityOf(PLAIN) - 2) < 0.05);
  assert.ok(arrivalsMicros.every(Number.isInteger));
});

test('streams have their share of the arrivals, and their SLOs in equal parts', () => {
  const mixed: Scenario = { ...PLAIN, streams: [{ app: 'a', share: 0.9, sloMs: [10, 50] }, { app: 'b', share: 0.1, sloMs: [200] }] };
  const { stream, sloMicros } = workloadOf(mixed, { load: 1, seed: 3, arrivals: 10_000 });
  const share = stream.filter((index) => index === 1).length / 10_000;
  assert.ok(Math.abs(share - 0.1) < 0.02);
  const counts = [10_000, 50_000, 200_000].map((slo) => sloMicros.filter((one) => one === slo).length);
  assert.ok(Math.abs((counts[0] ?? 0) - (counts[1] ?? 0)) < 400);
  assert.equal(counts[2], stream.filter((index) => index === 1).length);
});

test('a stream without an SLO is refused', () => {
  assert.throws(() => queries({ ...PLAIN, streams: [{ app: 'a', share: 1, sloMs: [] }] }, 1, 1)(), /SLO/);
});
