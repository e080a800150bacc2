import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ruleNamed } from '../../../../bench/simulator/rules.ts';
import { plainScenario, type Scenario } from '../../../../bench/simulator/scenario.ts';
import { simulate } from '../../../../bench/simulator/simulate.ts';
import { clairvoyantOnTime } from '../../../../bench/simulator/oracle/clairvoyant.ts';
import { meanMicros } from '../../../../bench/simulator/law.ts';
import { workloadOf } from '../../../../bench/simulator/workload.ts';
import type { BatchRule } from '../../../../frontend/dispatch/model-queue.ts';

const PLAIN = plainScenario({ alphaMs: 0.1, betaMs: 2 }, 20);

function play(scenario: Scenario, options: { load: number; rule: string; seed?: number; arrivals?: number }): ReturnType<typeof simulate> {
  const { load, rule, seed = 1, arrivals = 2000 } = options;
  return simulate(scenario, workloadOf(scenario, { load, seed, arrivals }), { load, rule, seed });
}

test('the same seed plays the same run', () => {
  const options = { load: 1.2, rule: 'clipper-release', seed: 5 };
  assert.deepEqual(play(PLAIN, options), play(PLAIN, options));
});

test('every query ends once: on time, or missed for a reason', () => {
  for (const rule of ['by-rate', 'clipper-paper', 'clipper-release', 'tf-serving', 'triton', 'bentoml', 'by-rate-waiting@10']) {
    const { offered, onTime, missed, latenciesMicros, batches } = play(PLAIN, { load: 2, rule });
    assert.equal(onTime + Object.values(missed).reduce((a, b) => a + b, 0), offered, rule);
    assert.equal(latenciesMicros.length, onTime);
    assert.ok((latenciesMicros.at(-1) ?? 0) <= 20_000, `${rule} counts a late answer`);
    assert.ok(batches.every(({ rows, micros }) => micros === 2000 + 100 * rows));
  }
});

test('at low load a rule that never waits answers everything', () => {
  const { onTime, offered } = play(PLAIN, { load: 0.3, rule: 'by-rate' });
  assert.equal(onTime, offered);
});

test('nobody beats the scheduler that knows the future', () => {
  const scenario = plainScenario({ alphaMs: 2, betaMs: 20 }, 60);
  for (const load of [0.9, 2]) {
    const workload = workloadOf(scenario, { load, seed: 3, arrivals: 1500 });
    const best = clairvoyantOnTime({ arrivalsMicros: workload.arrivalsMicros, sloMicros: 60_000, lawMicros: (rows) => meanMicros(scenario.law, rows), maxRows: 1024 });
    for (const rule of ['by-rate', 'by-rate-waiting', 'triton', 'bentoml']) {
      const { onTime } = simulate(scenario, workload, { load, rule, seed: 3 });
      assert.ok(onTime <= best, `${rule} at ${load}: ${onTime} of at most ${best}`);
      assert.ok(onTime > 0.5 * best, `${rule} at ${load}: ${onTime} of ${best}`);
    }
  }
});

test('the largest feasible batch by rate comes to what the reference says', () => {
  const scenario = plainScenario({ alphaMs: 0.1, betaMs: 2 }, 5);
  const workload = workloadOf(scenario, { load: 2, seed: 1, arrivals: 6000 });
  const best = clairvoyantOnTime({ arrivalsMicros: workload.arrivalsMicros, sloMicros: 5000, lawMicros: (rows) => meanMicros(scenario.law, rows), maxRows: 1024 });
  const share = simulate(scenario, workload, { load: 2, rule: 'by-rate', seed: 1 }).onTime / best;
  assert.ok(Math.abs(share - 0.946) < 0.01, `${share}`);
});

test('Clipper as released falls to a fraction of capacity under overload', () => {
  const { onTime, offered } = play(PLAIN, { load: 1.2, rule: 'clipper-release' });
  assert.ok(onTime < 0.3 * offered);
});

test('what came late in a batch that tried a size is counted apart, and that of the warm-up for itself', () => {
  const workload = workloadOf(PLAIN, { load: 2, seed: 1, arrivals: 2000 });
  const tried = (tries: boolean, warmUpBatches: number): ReturnType<typeof simulate> =>
    simulate(PLAIN, workload, { load: 2, rule: 'clipper-release', seed: 1, warmUpBatches, make: (setup) => trying(ruleNamed('clipper-release', setup), tries) });
  const cold = tried(true, 0), warm = tried(true, 50);
  assert.ok(cold.late > 0);
  assert.equal(cold.exploringLate, cold.late);
  assert.equal(cold.exploringLateBefore, 0);
  assert.equal(warm.exploringLate, warm.late);
  assert.ok(warm.exploringLateBefore > 0);
  assert.equal(tried(false, 50).exploringLate, 0);
});

/** The same rule, but each of its batches is said to try a size, or not to. */
function trying(rule: BatchRule, exploring: boolean): BatchRule {
  const next = rule.next.bind(rule);
  rule.next = (...how) => {
    const decided = next(...how);
    return decided.kind === 'flush' ? { ...decided, batch: { ...decided.batch, exploring } } : decided;
  };
  return rule;
}

test('replicas add up, and a slow one takes fewer batches', () => {
  const four: Scenario = { ...PLAIN, speeds: [1, 1, 1, 1 / 3] };
  const { batches, onTime, offered } = play(four, { load: 0.9, rule: 'by-rate', arrivals: 8000 });
  assert.ok(onTime > 0.9 * offered);
  const counts = ['0', '3'].map((id) => batches.filter(({ replica }) => replica === id).length);
  assert.ok((counts[1] ?? 0) > 0 && (counts[1] ?? 0) < 0.7 * (counts[0] ?? 0), counts.join());
});

test('a rule that never sends anything does not warm up for ever', () => {
  const hopeless = plainScenario({ alphaMs: 1, betaMs: 50 }, 20);
  const { onTime } = play(hopeless, { load: 1, rule: 'by-rate', arrivals: 10 });
  assert.equal(onTime, 0);
});

test('an unknown rule is refused by name', () => {
  assert.throws(() => play(PLAIN, { load: 1, rule: 'best' }), /no rule best/);
});
