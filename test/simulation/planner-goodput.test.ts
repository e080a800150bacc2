import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Law } from '../../bench/simulator/law.ts';
import { plainScenario, type Scenario, type Stream } from '../../bench/simulator/scenario.ts';
import { simulate } from '../../bench/simulator/simulate.ts';
import { workloadOf } from '../../bench/simulator/workload.ts';
import { SEED, seeded } from '../support/random.ts';

/** Shares of what was offered, in percent, that each rule answers on time; all play the same arrivals. */
function percents(scenario: Scenario, load: number, rules: readonly string[], arrivals = 20_000): number[] {
  const workload = workloadOf(scenario, { load, seed: SEED, arrivals });
  return rules.map((rule) => {
    const { onTime, offered } = simulate(scenario, workload, { load, rule, seed: SEED });
    return (100 * onTime) / offered;
  });
}

function holds(ours: number, theirs: readonly number[], slack: number): void {
  const best = Math.max(...theirs);
  assert.ok(ours >= best - slack, `${ours.toFixed(2)} % on time, the others ${theirs.map((one) => one.toFixed(2)).join(', ')}`);
}

const LAWS: readonly (readonly [law: Law, sloMs: number])[] = [
  [{ alphaMs: 2, betaMs: 20 }, 60], [{ alphaMs: 2, betaMs: 1 }, 20], [{ alphaMs: 0.1, betaMs: 2 }, 20], [{ alphaMs: 0.1, betaMs: 2 }, 5],
];

for (const [law, sloMs] of LAWS) {
  const name = `${law.alphaMs}·b + ${law.betaMs} / ${sloMs} ms`;
  test(seeded(`${name}: the planner, which learns the law, is as good as the rule by rate that is given it`), () => {
    for (const load of [0.5, 0.9, 2]) {
      const [ours = 0, byRate = 100] = percents(plainScenario(law, sloMs), load, ['planner', 'by-rate']);
      holds(ours, [byRate], 0.6);
    }
  });

  test(seeded(`${name}, padded in steps: at least as good as by rate`), () => {
    const [ours = 0, byRate = 100] = percents(plainScenario({ ...law, steps: true }, sloMs), 1.2, ['planner', 'by-rate']);
    holds(ours, [byRate], 0.6);
  });

  test(seeded(`${name}, ± 30 %: about as good as with the margin that hindsight would choose`), () => {
    const [ours = 0, ...others] = percents(plainScenario({ ...law, noise: 0.3 }, sloMs), 1.2, ['planner', 'by-rate', 'by-rate@10', 'by-rate@20', 'by-rate@30']);
    holds(ours, others, 1.5);
  });
}

for (const sloMs of [2.52, 4.2]) {
  test(seeded(`0.1·b + 2 / ${sloMs} ms: waits where that helps, and only there`), () => {
    for (const load of [0.5, 1.2, 4]) {
      const [ours = 0, ...others] = percents(plainScenario({ alphaMs: 0.1, betaMs: 2 }, sloMs), load, ['planner', 'by-rate', 'by-rate-waiting']);
      holds(ours, others, 0.8);
    }
  });
}

test(seeded('four replicas, one of them three times slower: each gets what it can do in time'), () => {
  const scenario = { ...plainScenario({ alphaMs: 0.1, betaMs: 2 }, 20), speeds: [1, 1, 1, 1 / 3] };
  const [ours = 0, byRate = 100] = percents(scenario, 0.9, ['planner', 'by-rate'], 10_000);
  holds(ours, [byRate], 0.3);
});

test(seeded('two apps, one floods at ten times its share: the other, at 0.8 of its own, is served, and no time is wasted'), () => {
  for (const [law, sloMs] of LAWS) {
    const streams: Stream[] = [{ app: 'small', share: 0.4 / 5.4, sloMs: [sloMs] }, { app: 'flood', share: 5 / 5.4, sloMs: [sloMs] }];
    const scenario = { ...plainScenario(law, sloMs), streams };
    const { streams: [small], onTime, offered } = simulate(scenario, workloadOf(scenario, { load: 5.4, seed: SEED, arrivals: 10_000 }), { load: 5.4, rule: 'planner', seed: SEED });
    assert.ok(small !== undefined && small.onTime >= 0.98 * small.offered, `${small?.onTime} of ${small?.offered} of the small app`);
    assert.ok(onTime >= (0.9 / 5.4) * offered, `${onTime} of ${offered} in all`);
  }
});

for (const [alphaMs, betaMs, sloMs] of [[2, 20, 60], [0.1, 2, 5]] as const) {
  test(seeded(`${alphaMs}·b + ${betaMs} / ${sloMs} ms, four replicas that share a queue: they keep their distance where time is short`), () => {
    const scenario = { ...plainScenario({ alphaMs, betaMs }, sloMs), speeds: [1, 1, 1, 1] };
    for (const load of [1.2, 2]) {
      const [ours = 0, ...others] = percents(scenario, load, ['planner', 'by-rate', 'by-rate-waiting'], 40_000);
      holds(ours, others, 0.6);
    }
    const [ours = 0, byRate = 100] = percents(scenario, 2, ['planner', 'by-rate'], 40_000);
    assert.ok(ours > byRate + 4, `${ours.toFixed(2)} % on time, by rate ${byRate.toFixed(2)}`);
  });
}

test(seeded('once an overload is over, answers come as quickly as they did before it'), () => {
  const scenario = { ...plainScenario({ alphaMs: 2, betaMs: 20 }, 60), speeds: [1, 1, 1, 1] };
  const calm = workloadOf(scenario, { load: 0.3, seed: SEED, arrivals: 4_000 });
  const flood = workloadOf(scenario, { load: 3, seed: SEED, arrivals: 5_000 });
  const calmMicros = calm.arrivalsMicros.at(-1) ?? 0, floodMicros = flood.arrivalsMicros.at(-1) ?? 0;
  const arrivalsMicros = Float64Array.from([...calm.arrivalsMicros, ...flood.arrivalsMicros.map((at) => calmMicros + at), ...calm.arrivalsMicros.map((at) => calmMicros + floodMicros + at)]);
  const sent: { at: number; rows: number }[] = [];
  const workload = { arrivalsMicros, sloMicros: new Float64Array(arrivalsMicros.length).fill(60_000), stream: new Uint8Array(arrivalsMicros.length) };
  simulate(scenario, workload, { load: 0.3, rule: 'planner', seed: SEED, onBatch: ({ sentAtMicros, rows }, start) => sent.push({ at: sentAtMicros - start, rows }) });
  const rowsA = (from: number, to: number) => {
    const among = sent.filter(({ at }) => at >= from && at < to);
    return among.reduce((sum, { rows }) => sum + rows, 0) / among.length;
  };
  const before = rowsA(0, calmMicros), after = rowsA(calmMicros + floodMicros + 6_000_000, Infinity);
  assert.ok(after < 1.1 * before, `batches of ${before.toFixed(2)} rows before it, ${after.toFixed(2)} from six seconds after it on`);
});
