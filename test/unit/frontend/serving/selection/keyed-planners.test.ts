import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePolicy } from '../../../../../selection-policies/catalog.ts';
import type { CellsSnapshot } from '../../../../../frontend/domain/cells.ts';
import { KeyedPlanners } from '../../../../../frontend/serving/selection/keyed-planners.ts';
import { Planner } from '../../../../../frontend/serving/selection/planner.ts';
import { rewards, taught } from '../../../../support/selection.ts';

const ARMS = ['x', 'y'];
const OPEN = [true, true];
const policy = makePolicy('thompson');

class Snapshot implements CellsSnapshot {
  cells: ReadonlyMap<string, bigint>;
  version = 1;

  constructor(events: Parameters<typeof taught>[2] = []) {
    this.cells = taught(policy, ARMS, events);
  }
}

/** What the app knows: x is good, y is bad. Keys by their first byte. */
function world(keys: ReadonlyMap<number, Snapshot>) {
  const parts = { policy, arms: ARMS, epochOffsetMicros: 0, steering: {}, parentOf: () => undefined, shape: <Plan>(plan: Plan) => plan, shadow: [] };
  const app = new Snapshot([...rewards('x', 500, 0.8), ...rewards('y', 500, 0.2)]);
  const parent = new Planner({ ...parts, cells: () => app });
  const planners = new KeyedPlanners({ app: 'a', parent, planner: parts, keys: { ofKey: (_app, context) => keys.get(context[0] ?? 0), held: () => [...keys.values()].filter(({ cells }) => cells.size > 0) } });
  const pmf = (key: number, now = 0): readonly number[] => planners.of(Uint8Array.of(key), now).plan(OPEN, undefined, now).plan.pmf;
  return { parent, planners, pmf };
}

test('a key that is being read, or of which nothing is known, is served by what the app knows', () => {
  const { planners, parent } = world(new Map([[1, new Snapshot()]]));
  assert.equal(planners.of(Uint8Array.of(0), 0), parent);
  assert.equal(planners.of(Uint8Array.of(1), 0), parent);
});

test('a key begins with the app\'s belief, and a few rewards of its own outweigh it', () => {
  const keys = new Map([[1, new Snapshot(rewards('x', 1, 1))], [2, new Snapshot([...rewards('x', 30, 0), ...rewards('y', 30, 1)])]]);
  const { pmf } = world(keys);
  assert.ok((pmf(1)[0] ?? 0) > 0.95, `${pmf(1)[0]}`);
  assert.ok((pmf(2)[1] ?? 0) > 0.95, `${pmf(2)[1]}`);
});

test('new rewards of a key, and what the app learns meanwhile, change its plan', () => {
  const key = new Snapshot(rewards('x', 1, 1));
  const { pmf, planners } = world(new Map([[1, key]]));
  const before = pmf(1);
  assert.equal(planners.of(Uint8Array.of(1), 0), planners.of(Uint8Array.of(1), 0), 'one planner as long as the key is held');
  key.cells = taught(policy, ARMS, [...rewards('x', 40, 0), ...rewards('y', 40, 1)]);
  key.version++;
  const after = pmf(1, 6_000);
  assert.ok((before[0] ?? 0) > 0.9 && (after[1] ?? 0) > 0.9, `${before[0]} ${after[1]}`);
});

test('where keys are alike, what the app knows is worth more to each', () => {
  const alike = new Map(Array.from({ length: 60 }, (_, i) => [i, new Snapshot([...rewards('x', 10, 0.8), ...rewards('y', 10, 0.2)])] as const));
  const apart = new Map(Array.from({ length: 60 }, (_, i) => [i, new Snapshot([...rewards('x', 10, i % 2), ...rewards('y', 10, 1 - (i % 2))])] as const));
  const strengths = [alike, apart].map((keys) => {
    const { planners } = world(keys);
    assert.equal(planners.strength, 20);
    planners.of(Uint8Array.of(1), 0);
    return planners.strength;
  });
  assert.deepEqual(strengths, [500, 4]);
});

test('rewards of a key are stamped when they come, not when it was asked', () => {
  const { planners } = world(new Map([[1, new Snapshot(rewards('x', 5, 1))]]));
  assert.deepEqual(planners.of(Uint8Array.of(1), 0).plan(OPEN, undefined, 0).stamps, []);
});
