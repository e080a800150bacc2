import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playRange, WORLD_RULES } from '../../bench/worlds/play-range.ts';
import { planWorld } from '../../bench/worlds/plan.ts';
import { playWorld } from '../../bench/worlds/world.ts';
import { SEED, seeded } from '../support/random.ts';

const WORLDS = 400;

test(seeded(`in ${WORLDS} worlds of faults every query settles once and nothing is left`), () => {
  const from = (SEED % 1_000_000) * 1000;
  const { faults, answered, byModel, batches } = playRange({ from, to: from + WORLDS });
  assert.deepEqual(faults, [], 'again: node bench/worlds.ts --seed N');
  assert.ok(answered > 20 * WORLDS && byModel > 10 * WORLDS && batches > 5 * WORLDS, `too little happened: ${answered} answers, ${byModel} rows, ${batches} batches`);
});

test('the same seed plays the same world', () => {
  const plan = planWorld(7, WORLD_RULES);
  assert.deepEqual(planWorld(7, WORLD_RULES), plan);
  assert.deepEqual(playWorld(plan), playWorld(plan));
});

test('every fault happens in some world, and every way of missing', () => {
  const plans = Array.from({ length: 300 }, (_, seed) => planWorld(seed, WORLD_RULES));
  const [first] = plans;
  for (const fault of Object.keys(first?.faults ?? {}) as (keyof NonNullable<typeof first>['faults'])[]) {
    assert.ok(plans.some(({ faults }) => faults[fault] > 0) && plans.some(({ faults }) => faults[fault] === 0), fault);
  }
  assert.deepEqual([...new Set(plans.map(({ clients }) => clients))].sort((a, b) => a - b), [0, 1, 4, 16]);
  assert.deepEqual([...new Set(plans.map(({ onMiss }) => onMiss))].sort(), ['default', 'error', 'wait']);
  assert.deepEqual([...new Set(plans.map(({ rule }) => rule))].sort(), [...WORLD_RULES].sort());
  const operators = plans.map(({ operator }) => operator);
  for (const what of ['changes', 'pins', 'raises'] as const) assert.ok(operators.some((one) => one[what] > 0) && operators.some((one) => one[what] === 0), what);
  const apps = operators.flatMap((one) => one.apps);
  assert.ok(apps.some(({ ensemble }) => ensemble !== undefined) && apps.some(({ cascade }) => cascade !== undefined) && apps.some(({ shadow }) => shadow !== undefined));
  assert.ok(apps.some(({ arms }) => arms.some((arm) => arm.startsWith('app:'))));
});
