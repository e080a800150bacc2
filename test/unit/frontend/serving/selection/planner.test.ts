import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePolicy } from '../../../../../selection-policies/catalog.ts';
import type { Policy } from '../../../../../selection-policies/policy.ts';
import type { Steering } from '../../../../../frontend/domain/model.ts';
import { Planner } from '../../../../../frontend/serving/selection/planner.ts';
import { rewards, taught } from '../../../../support/selection.ts';

const ARMS = ['m@1', 'm@2', 'n'];
const ALL = [true, true, true];

interface World {
  readonly planner: Planner;
  readonly views: () => number;
  readonly learn: (more: ReadonlyMap<string, bigint>) => void;
}

function worldOf({ policy = makePolicy('thompson'), steering = {}, cells = new Map<string, bigint>(), parentOf = () => undefined as string | undefined }: { policy?: Policy; steering?: Steering; cells?: Map<string, bigint>; parentOf?: (arm: string) => string | undefined } = {}): World {
  let version = 1;
  let views = 0;
  const counting: Policy = { ...policy, view: (...of) => { views++; return policy.view(...of); } };
  const planner = new Planner({
    policy: counting, arms: ARMS, cells: () => ({ cells, version }), epochOffsetMicros: 0, steering, parentOf, shape: (plan) => plan, shadow: steering.shadow ?? [],
  });
  return { planner, views: () => views, learn: (more) => { for (const [cell, value] of more) cells.set(cell, value); version++; } };
}

test('one plan serves a snapshot and mask; a reward makes a new one, a little later', () => {
  const { planner, views, learn } = worldOf();
  const first = planner.plan(ALL, undefined, 0);
  assert.equal(planner.plan(ALL, { user: 1 }, 1), first);
  const masked = [true, false, true];
  assert.deepEqual(planner.plan(masked, undefined, 2).open, ['m@1', 'n']);
  assert.equal(planner.plan(ALL, undefined, 3), first);
  learn(taught(makePolicy('thompson'), ARMS, rewards('n', 50, 1)));
  assert.equal(planner.plan(ALL, undefined, 10), first, 'not with every reward');
  const next = planner.plan(ALL, undefined, 5000);
  assert.ok((next.plan.pmf[2] ?? 0) > 0.8 && next.viewVersion === 2);
  assert.equal(views(), 2);
});

test('a contextual policy plans for each query from one view', () => {
  const { planner, views } = worldOf({ policy: makePolicy('lin-ts', { features: ['x'] }) });
  assert.notEqual(planner.plan(ALL, { x: 1 }, 0), planner.plan(ALL, { x: 1 }, 1));
  assert.equal(views(), 1);
});

test('the operator pins, floors, caps, turns exploration off; what is logged is what was used', () => {
  const cells = taught(makePolicy('thompson'), ARMS, [...rewards('n', 100, 0.9), ...rewards('m@1', 100, 0.2), ...rewards('m@2', 100, 0.2)]);
  const pmf = (steering: Steering, mask = ALL): readonly number[] => worldOf({ steering, cells }).planner.plan(mask, undefined, 0).plan.pmf;
  assert.deepEqual(pmf({ pin: 'm@1' }), [1, 0, 0]);
  assert.ok((pmf({ pin: 'm@1' }, [false, true, true])[2] ?? 0) > 0.99, 'a pinned arm that is gone gives way');
  assert.deepEqual(pmf({ exploit: true }), [0, 0, 1]);
  assert.ok(Math.abs((pmf({ floors: { 'm@1': 0.2 } })[0] ?? 0) - 0.2) < 1e-9);
  assert.ok((pmf({ caps: { n: 0.5 } })[2] ?? 0) <= 0.5 + 1e-9);
});

test('shadow arms are asked beside, and answer only where nobody else can', () => {
  const { planner } = worldOf({ steering: { shadow: ['n'] } });
  const { plan, open } = planner.plan(ALL, undefined, 0);
  assert.deepEqual(open, ['m@1', 'm@2']);
  assert.equal(plan.pmf[2], 0);
  assert.deepEqual(plan.actions[0]?.shadow, ['n']);
  assert.deepEqual(planner.plan([false, false, true], undefined, 1).plan.pmf, [0, 0, 1]);
});

test('a new version begins with what its parent earned, as far as that goes', () => {
  const cells = taught(makePolicy('thompson'), ['m@1'], rewards('m@1', 1000, 0.9));
  const alone = worldOf({ cells }).planner.estimates(0);
  assert.equal(alone[1], undefined);
  const inherited = worldOf({ cells, parentOf: (arm) => (arm === 'm@2' ? 'm@1' : undefined) }).planner.estimates(0)[1];
  assert.ok(inherited !== undefined && Math.abs(inherited.mean - 0.9) < 0.01 && inherited.weight <= 50);
  const named = worldOf({ cells, steering: { parents: { n: 'm@1' } } }).planner.estimates(0)[2];
  assert.ok(named !== undefined && Math.abs(named.mean - 0.9) < 0.01);
});
