import { createHmac } from 'node:crypto';
import { parseArgs } from 'node:util';
import { addConfidence, isotonic, readConfidence } from '../selection-policies/calibration.ts';
import { makePolicy } from '../selection-policies/catalog.ts';
import { apply } from '../selection-policies/cells.ts';
import { weightedVote } from '../selection-policies/combine.ts';
import { guarded } from '../selection-policies/guard.ts';
import { limited } from '../selection-policies/limits.ts';
import { sample } from '../selection-policies/pmf.ts';
import type { Plan, Policy } from '../selection-policies/policy.ts';
import { draw } from '../selection-policies/rng.ts';
import { inherited } from '../selection-policies/prior.ts';
import { DerivedKeys } from '../frontend/serving/decisions/receipt.ts';
import { exponential, random } from './load/random.ts';
import { median } from './report/median.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `What selection costs, in microseconds of CPU.

  node bench/select.ts [flags]

  --rounds N    11 unless given; medians
  --seed N      1 unless given
  --small       a size that takes a second, to see that it runs: no bar is held
  --json FILE   writes the result there; - is standard output

"select and record": the plan is at hand (one a snapshot and mask); draw by id, sample, and a record of plain data.
"plan" is what a new snapshot costs once: guard, view and plan for 10 arms, floors held.
Exit code 1 where a figure misses its bar.
`;
const BAR_SELECT_MICROS = 1.5;
const BAR_CONTEXT_MICROS = 25;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '11' }, seed: { type: 'string', default: '1' }, small: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
});

interface Case {
  readonly name: string;
  readonly times: number;
  readonly barMicros?: number;
  readonly run: (i: number) => number;
}

function cases(seed: number): Case[] {
  return [
    ...[2, 5, 16].map((arms) => selectCase(arms, seed)),
    linTsCase(seed),
    keyCase(seed),
    ...['thompson', 'adaptive'].map((policy) => planCase(policy, seed)),
    combineCase(seed),
  ];
}

function selectCase(count: number, seed: number): Case {
  const { plan } = taught('adaptive', count, seed);
  const key = Uint32Array.of(seed, 2, 3, 4);
  const id = Buffer.from(createHmac('sha256', 'select').update(String(seed)).digest().subarray(0, 12));
  // A bounded ring, as the journal's buffer is: what is recorded must outlive the call.
  const ring = new Array<unknown>(1024);
  return {
    name: `select and record, ${count} arms`, times: 200_000, barMicros: BAR_SELECT_MICROS,
    run(i) {
      id.writeUInt32LE(i, 6);
      const action = sample(plan.pmf, draw(key, id));
      const propensity = plan.pmf[action] ?? 0;
      ring[i & 1023] = { number: i, action, asked: plan.actions[action]?.ask[0], propensity, pmf: plan.pmf, mode: 'policy', deadlineAtMicros: i + 20_000 };
      return propensity;
    },
  };
}

function linTsCase(seed: number): Case {
  const features = Array.from({ length: 31 }, (_, i) => `f${i}`);
  const policy = makePolicy('lin-ts', { features });
  const arms = names(4);
  const next = random(seed);
  const contexts = Array.from({ length: 256 }, () => Object.fromEntries(features.map((name) => [name, next() * 2 - 1])));
  const cells = new Map<string, bigint>();
  for (const [i, context] of contexts.entries()) apply(cells, policy.contribution({ rewards: [{ arm: arms[i % 4] ?? '', reward: next() }], propensity: 1, atMicros: i, context }, arms));
  const view = policy.view(cells, 0, arms);
  const mask = arms.map(() => true);
  return {
    name: 'plan in context: lin-ts, 4 arms, 32 features', times: 20_000, barMicros: BAR_CONTEXT_MICROS,
    run: (i) => policy.plan(view, arms, contexts[i & 255], mask, i).pmf[0] ?? 0,
  };
}

/** Each query is another user's, of whom something is known: nothing is at hand but what the app knows. */
function keyCase(seed: number): Case {
  const { policy, cells, arms } = taught('thompson', 2, seed);
  const hashes = new DerivedKeys(Buffer.alloc(32, seed));
  const priors = policy.estimates(policy.view(cells, 0, arms)).map((estimate) => inherited(estimate, 20));
  const mask = arms.map(() => true);
  return {
    name: 'plan of a context key: thompson, 2 arms', times: 20_000, barMicros: BAR_CONTEXT_MICROS,
    run: (i) => (hashes.hashContext(`user-${i}`)[0] ?? 0) + (policy.plan(policy.view(cells, i, arms, priors), arms, undefined, mask, i).pmf[0] ?? 0),
  };
}

function combineCase(seed: number): Case {
  const next = random(seed);
  const cells = new Map<string, bigint>();
  for (let i = 0; i < 1000; i++) apply(cells, addConfidence(next(), next() < 0.8 ? 1 : 0));
  const calibrated = isotonic(readConfidence(cells));
  return {
    name: 'combine 5 labels by weight, calibrated', times: 200_000,
    run: (i) => calibrated(weightedVote([0, 1, 2, 3, 4].map((k) => ({ answer: (i + k) % 3, weight: 0.2 })))?.confidence ?? 0),
  };
}

function planCase(name: string, seed: number): Case {
  const { policy, cells, arms } = taught(name, 10, seed);
  const safe = guarded(policy, (fault) => say(fault));
  const mask = arms.map(() => true);
  const floors = new Map(arms.map((arm) => [arm, 0.005]));
  return {
    name: `view and plan of ${name}, 10 arms`, times: 1000,
    run: (i) => limited(safe.plan(safe.view(cells, i, arms), arms, undefined, mask, i), arms, mask, { floors, caps: new Map() }).pmf[0] ?? 0,
  };
}

/** A policy after 2,000 rewards of arms that earn 0.5 and, by chance, some more or less. */
function taught(name: string, count: number, seed: number): { policy: Policy; cells: Map<string, bigint>; arms: readonly string[]; plan: Plan } {
  const policy = makePolicy(name);
  const arms = names(count);
  const mask = arms.map(() => true);
  const next = random(seed);
  const means = arms.map(() => Math.min(0.95, 0.3 + exponential(next, 0.2)));
  const cells = new Map<string, bigint>();
  for (let i = 0; i < 2000; i++) {
    const view = policy.view(cells, i, arms);
    const arm = i % count;
    apply(cells, policy.contribution({ rewards: [{ arm: arms[arm] ?? '', reward: next() < (means[arm] ?? 0) ? 1 : 0, stamp: policy.stamp?.(view, arm) ?? 0 }], propensity: 1 / count, atMicros: i }, arms));
  }
  return { policy, cells, arms, plan: policy.plan(policy.view(cells, 0, arms), arms, undefined, mask, 0) };
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `model-${i}@1`);
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  const seed = Number(values.seed);
  const rounds = values.small ? 1 : Number(values.rounds);
  let used = 0;
  const rows = cases(seed).map(({ name, times, barMicros, run }) => {
    const most = values.small ? Math.ceil(times / 100) : times;
    const once = (): number => {
      const begin = process.cpuUsage();
      for (let i = 0; i < most; i++) used += run(i);
      const { user, system } = process.cpuUsage(begin);
      return (user + system) / most;
    };
    once();
    const samples = Array.from({ length: rounds }, once);
    const micros = median(samples);
    return { name, micros, bestMicros: Math.min(...samples), ...(barMicros === undefined ? {} : { barMicros, pass: micros <= barMicros }) };
  });
  say(textTable([['what', 'µs', 'best', 'at most'], ...rows.map(({ name, micros, bestMicros, barMicros }) => [name, micros.toFixed(2), bestMicros.toFixed(2), barMicros?.toFixed(1) ?? ''])]));
  writeResult(values.json, { bench: 'select', seed, parameters: { rounds, small: values.small }, result: rows, answer: used.toPrecision(12) });
  process.exitCode = values.small || rows.every(({ pass }) => pass !== false) ? 0 : 1;
}
